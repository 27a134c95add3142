-- The reporting triangle, told from the contributions: increments by area, specimen date, report date, measure, group.
-- batch: events.
select
    small_area,
    specimen_date,
    report_date,
    pathogen,
    measure,
    age_band,
    sex,
    sum(sign) as increment
from batch
group by small_area, specimen_date, report_date, pathogen, measure, age_band, sex
having sum(sign) <> 0
order by small_area nulls first, specimen_date, report_date, pathogen, measure, age_band, sex
