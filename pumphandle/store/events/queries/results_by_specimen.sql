select report_date, specimen_date, sum(increment) as results
from batch
where measure = 'tests'
group by report_date, specimen_date
having sum(increment) > 0
order by report_date, specimen_date
