-- A page of all results, negative ones too, begins without sorting all of them; and a copy can be in SORMAS's form.

-- one index for every column that a list is sorted by, sorted as a page is. The same indexes find what is filtered by
-- laboratory, sex, age band or result. Those of the positives alone stay: a caseload is the list that is asked for most
create index record_list_by_name on identified.record
    (district, lower(coalesce(family_name, '') || ' ' || coalesce(given_name, '')), record_key);
create index record_list_by_birth on identified.record (district, coalesce(date_of_birth, '-infinity'), record_key);
create index record_list_by_sex on identified.record (district, sex, record_key);
create index record_list_by_age on identified.record (district, age_band, record_key);
create index record_list_by_address on identified.record (district, lower(coalesce(address, '')), record_key);
create index record_list_by_postcode on identified.record (district, coalesce(postcode, ''), record_key);
create index record_list_by_area on identified.record (district, coalesce(small_area, ''), record_key);
create index record_list_by_specimen on identified.record (district, specimen_date, record_key);
create index record_list_by_arrival on identified.record (district, report_date, record_key);
create index record_list_by_pathogen on identified.record (district, pathogen, record_key);
create index record_list_by_result on identified.record (district, result, record_key);
create index record_list_by_laboratory on identified.record (district, laboratory, record_key);
create index record_list_by_setting on identified.record (district, coalesce(setting_kind, ''), record_key);
create index record_list_by_household on identified.record (district, household_key, record_key);
-- who filters by an area asks for the column as it is: row-level security lets coalesce() into no index
create index record_by_area on identified.record (district, small_area);
-- what these begin with is no longer needed by itself
drop index identified.record_district_specimen_date_idx, identified.record_district_report_date_idx;

alter table decisions.export drop constraint export_form_check,
    add constraint export_form_check check (form in ('line list', 'go.data', 'sormas', 'fhir'));
