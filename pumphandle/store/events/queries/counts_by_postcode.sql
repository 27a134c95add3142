-- Standing results by specimen date and postcode as the laboratory gave it, over the whole history. batch: events.
select
    specimen_date,
    postcode,
    sum(case when measure = 'tests' then sign else 0 end) as tests,
    sum(case when measure = 'positives' then sign else 0 end) as positives
from batch
where measure in ('tests', 'positives')
group by specimen_date, postcode
having sum(case when measure = 'tests' then sign else 0 end) <> 0
    or sum(case when measure = 'positives' then sign else 0 end) <> 0
order by specimen_date, postcode
