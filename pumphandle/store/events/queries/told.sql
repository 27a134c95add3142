-- Tests and cases by pathogen, small area, specimen day and the day on which they were reported.
-- batch: triangle. Dates are compared as dates only; no interval arithmetic.
select pathogen, measure, small_area, specimen_date, report_date, sum(increment) as increment
from batch
where measure in ('tests', 'cases')
    and small_area is not null
    and specimen_date >= $first
    and specimen_date <= $last
group by pathogen, measure, small_area, specimen_date, report_date
order by pathogen, measure, small_area, specimen_date, report_date
