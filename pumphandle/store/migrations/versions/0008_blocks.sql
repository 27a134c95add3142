-- Blocks of linkage as text: the pairs of details by which likely matches are found. Three are enough, and each costs.
drop index if exists identified.person_block_names_idx;
alter table identified.person
    drop column block_names,
    alter column block_birth_family type text collate "C" using null,
    alter column block_birth_given type text collate "C" using null,
    alter column block_home_given type text collate "C" using null,
    alter column date_of_birth type text;       -- as it was said: linkage compares its figures
alter table identified.person rename column block_birth_family to block_birth_first;
alter table identified.person rename column block_birth_given to block_birth_last;
alter table identified.person rename column block_home_given to block_home;
-- lines with an identifier are compared with persons who have none: few, so they have an index of their own
create index person_without_1 on identified.person (block_birth_first) where national_id is null;
create index person_without_2 on identified.person (block_birth_last) where national_id is null;
create index person_without_3 on identified.person (block_home) where national_id is null;
drop index identified.person_demographic_key_idx;
alter table identified.person drop column demographic_key;
create function identified.standing(asked uuid) returns uuid language sql stable as $$
    with recursive way as (
        select person_key, merged_into from identified.person where person_key = asked
        union select p.person_key, p.merged_into from way w join identified.person p on p.person_key = w.merged_into
    ) select person_key from way where merged_into is null
$$;
comment on function identified.standing is 'The person that this one is now, after every merge that still stands.';
