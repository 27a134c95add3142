-- A day of two million results is kept in less time: a record is under fewer indexes, and every list still has one.

-- all results by specimen day; what lies in one area is found within the district's part of the same index
drop index identified.record_list_by_specimen, identified.record_by_area;
create index record_list_by_specimen on identified.record (district, specimen_date, record_key, small_area);
-- a name or a home is searched for in one district: a given name and a postcode are met within its part of one index
drop index identified.record_by_family, identified.record_by_given, identified.record_by_home;
create index record_by_name on identified.record (district, folded_family, folded_given, postcode collate "C");
-- a person's records, and the positive ones among them
drop index identified.record_by_person, identified.record_person_key_idx;
create index record_by_person on identified.record (person_key, result);
-- a new vintage reads every record once a year; an index for it cost every day
drop index identified.record_postcode_idx;

-- of cases, columns of few values share one index, which is small enough to be read whole and sorted
drop index identified.record_cases_by_key, identified.record_cases_by_sex, identified.record_cases_by_age,
    identified.record_cases_by_pathogen, identified.record_cases_by_laboratory, identified.record_cases_by_setting;
create index record_cases on identified.record (district, record_key)
    include (specimen_date, kind, sex, age_band, pathogen, laboratory, setting_kind) where result = 'positive';
-- what an index alone answers, it answers of pages that were vacuumed since they were written: soon after each day
alter table identified.record set (autovacuum_vacuum_insert_scale_factor = 0.01);

-- by the moment alone only merges are looked up, to undo one; what was known at a moment is read whole
drop index identified.event_known_at_idx;
create index event_merged_at on identified.event (known_at) where kind = 'merged';
