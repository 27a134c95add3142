-- Cases of one pathogen by small area, specimen day and the day on which they were reported.
-- batch: triangle rows.
select small_area, specimen_date, report_date, sum(increment) as cases
from batch
where measure = 'cases'
    and pathogen = $pathogen
    and small_area is not null
    and specimen_date >= $first
    and specimen_date <= $last
group by small_area, specimen_date, report_date
order by small_area, specimen_date, report_date
