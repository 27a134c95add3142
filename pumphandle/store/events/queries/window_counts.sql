-- Positives and tests by small area, in the window that ends on a day and in the baseline before it.
-- batch: triangle rows. Dates are compared as dates only; no interval arithmetic (see docs/decisions).
select
    small_area,
    coalesce(sum(increment) filter (where measure = 'positives' and specimen_date >= $window_first), 0) as observed,
    coalesce(sum(increment) filter (where measure = 'tests' and specimen_date >= $window_first), 0) as tests,
    coalesce(sum(increment) filter (where measure = 'positives' and specimen_date < $window_first), 0) as baseline_positives,
    coalesce(sum(increment) filter (where measure = 'tests' and specimen_date < $window_first), 0) as baseline_tests
from batch
where small_area is not null
    and specimen_date >= $baseline_first
    and specimen_date <= $last
group by small_area
order by small_area
