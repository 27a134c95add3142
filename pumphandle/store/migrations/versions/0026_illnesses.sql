-- One case is one illness: whatever record a table once knew it by, it is counted and shown by its first record now.
create view identified.case_of_record with (security_invoker = true) as
    select r.record_key, e.first_record as case_key, e.start_date, e.district, e.household_key
    from identified.record r, lateral (
        select i.first_record, i.start_date, i.district, i.household_key from identified.episode i
        where i.person_key = r.person_key and i.pathogen = r.pathogen and i.start_date <= r.specimen_date
        order by i.start_date desc limit 1) e
    where r.result = 'positive' and r.kind <> 'retracted';
comment on view identified.case_of_record is 'Every positive record that stands -> the case that it belongs to.';
grant select on identified.case_of_record to pumphandle_console, pumphandle_deeds;
