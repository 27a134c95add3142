-- Cases of one pathogen that stand on the last day, by first record; the postcode is that of its positive record.
-- batch: events. A case is counted where it lies: a sum of signed contributions that is still positive.
with standing as (
    select record_key, household_key, small_area, specimen_date
    from batch
    where measure = 'cases'
        and pathogen = $pathogen
        and small_area is not null
        and specimen_date >= $first
        and specimen_date <= $last
    group by record_key, household_key, small_area, specimen_date
    having sum(sign) > 0
),
homes as (
    select record_key, max(postcode) as postcode
    from (
        select record_key, postcode
        from batch
        where measure = 'positives' and pathogen = $pathogen and postcode is not null
        group by record_key, postcode
        having sum(sign) > 0
    ) positive
    group by record_key
)
select record_key as case_key, s.household_key, s.small_area, s.specimen_date, h.postcode
from standing s left join homes h using (record_key)
order by case_key, specimen_date, small_area
