-- Tests of one pathogen by small area and specimen day, as known on the last day.
-- batch: triangle rows. Dates are compared as dates only; no interval arithmetic.
select small_area, specimen_date, sum(increment) as tests
from batch
where measure = 'tests'
    and pathogen = $pathogen
    and small_area is not null
    and specimen_date >= $first
    and specimen_date <= $last
group by small_area, specimen_date
order by small_area, specimen_date
