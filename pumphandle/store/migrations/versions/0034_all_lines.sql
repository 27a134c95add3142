-- A page of all results, negative ones too, by specimen day or arrival begins after any row; what lies in one area is found and
-- counted without reading all; and a copy can be in SORMAS's form.

-- these two take the place of those that know the day alone. An index of all results for every other column that a list is
-- sorted by was tried: twelve of them cost 4.6 processor seconds for every 100,000 results of a day, where keeping the
-- results costs 3.1 otherwise. Positives have them all (0017, 0026)
create index record_list_by_specimen on identified.record (district, specimen_date, record_key);
create index record_list_by_arrival on identified.record (district, report_date, record_key);
drop index identified.record_district_specimen_date_idx, identified.record_district_report_date_idx;
-- who filters by an area asks for the column as it is: row-level security lets coalesce() into no index
create index record_by_area on identified.record (district, small_area);

alter table decisions.export drop constraint export_form_check,
    add constraint export_form_check check (form in ('line list', 'go.data', 'sormas', 'fhir'));
