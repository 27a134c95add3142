-- One case is one illness, and a line list of 150,000 cases begins in a moment.

-- whatever record a table once knew it by, it is counted and shown by its first record now.
create view identified.case_of_record with (security_invoker = true) as
    select r.record_key, e.first_record as case_key, e.start_date, e.district, e.household_key
    from identified.record r, lateral (
        select i.first_record, i.start_date, i.district, i.household_key from identified.episode i
        where i.person_key = r.person_key and i.pathogen = r.pathogen and i.start_date <= r.specimen_date
        order by i.start_date desc limit 1) e
    where r.result = 'positive' and r.kind <> 'retracted';
comment on view identified.case_of_record is 'Every positive record that stands -> the case that it belongs to.';
grant select on identified.case_of_record to pumphandle_console, pumphandle_deeds;

-- words of a name as a search compares them. Row-level security lets an index in only where nothing of a hidden row could
-- leak: lower() could, comparing what is kept in lower case could not
alter table identified.record
    add column folded_family text collate "C" generated always as (lower(family_name)) stored,
    add column folded_given text collate "C" generated always as (lower(given_name)) stored;
create index record_by_family on identified.record (district, folded_family);
create index record_by_given on identified.record (district, folded_given);
create index record_by_home on identified.record (district, postcode collate "C");

-- every column of the list sorts the cases of an authority: a page begins without sorting all of them. Positives are few
-- among records, so that a day's run hardly notices
create index record_cases_by_birth on identified.record (district, coalesce(date_of_birth, '-infinity'), record_key)
    where result = 'positive';
create index record_cases_by_sex on identified.record (district, sex, record_key) where result = 'positive';
create index record_cases_by_age on identified.record (district, age_band, record_key) where result = 'positive';
create index record_cases_by_address on identified.record (district, lower(coalesce(address, '')), record_key)
    where result = 'positive';
create index record_cases_by_area on identified.record (district, coalesce(small_area, ''), record_key)
    where result = 'positive';
create index record_cases_by_arrival on identified.record (district, report_date, record_key) where result = 'positive';
create index record_cases_by_pathogen on identified.record (district, pathogen, record_key) where result = 'positive';
create index record_cases_by_key on identified.record (district, record_key) where result = 'positive';
create index record_cases_by_laboratory on identified.record (district, laboratory, record_key) where result = 'positive';
create index record_cases_by_setting on identified.record (district, coalesce(setting_kind, ''), record_key)
    where result = 'positive';
create index record_cases_by_household on identified.record (district, household_key, record_key)
    where result = 'positive';
