-- What a line says beyond the home address; who a record belongs to and why; what waits for a decision; what is watched.

-- events: a deed of ours can be one too, so a file need not stand behind it --------------------------
alter table identified.event
    add column test_code text,                  -- of the laboratory's test, where messages give one
    add column test_site text,
    add column test_site_postcode text,
    add column workplace text,
    add column workplace_postcode text,
    add column setting_kind text,               -- of the home or workplace, in the laboratory's words
    add column known_at timestamptz,            -- when it came to be known here
    add column by_name text,                    -- who did the deed; null: the laboratory said it
    add column person_key uuid,                 -- merged, split: whose record it is from now on
    add column small_area text,                 -- reassigned: where a person placed it
    alter column file_id drop not null,
    alter column line drop not null,
    drop constraint event_kind_check,
    add constraint event_kind_check
        check (kind in ('reported', 'corrected', 'retracted', 'merged', 'split', 'reassigned')),
    add constraint event_of_a_file_or_a_deed
        check ((file_id is not null) = (kind in ('reported', 'corrected', 'retracted')) and (file_id is null) = (by_name is not null));
update identified.event e set known_at = f.received_at from identified.file f where f.file_id = e.file_id;
alter table identified.event alter column known_at set not null;
create index on identified.event (known_at);
create trigger event_only_grows before update or delete or truncate on identified.event
    for each statement execute function decisions.refuse_change();

-- records ------------------------------------------------------------------------------------------
alter table identified.record
    add column test_code text,
    add column test_site text,
    add column test_site_postcode text,
    add column workplace text,
    add column workplace_postcode text,
    add column setting_kind text,
    add column responsible_authority text,      -- the resident's district unless a person decided otherwise
    add column place_vintage text,              -- of the postcode table that placed it
    add column place_given text,                -- small area that a person gave; it outlives new vintages
    drop constraint record_placement_check;
update identified.record set
    responsible_authority = district,
    placement = case placement when 'placed' then 'unique' when 'no_postcode' then 'missing' else 'not_found' end;
alter table identified.record add constraint record_placement_check check (placement in
    ('unique', 'ambiguous', 'not_found', 'terminated', 'out_of_nation', 'missing', 'pseudo', 'conflict'));
drop index identified.record_linked_on_idx;
create index record_unplaced on identified.record (linked_on) where small_area is null;
create index record_household on identified.record (household_key) where result = 'positive';
create index record_by_person on identified.record (person_key);

-- persons: what linkage compares; merges that can be undone -----------------------------------------
alter table identified.person
    add column family_name text,
    add column given_name text,
    add column date_of_birth date,
    add column sex text,
    add column postcode text,
    add column phone text,
    add column block_birth_family bigint,       -- hashes of pairs of details: only who shares one is compared
    add column block_birth_given bigint,
    add column block_home_given bigint,
    add column block_names bigint,
    add column merged_into uuid references identified.person;
create index on identified.person (block_birth_family) where block_birth_family is not null;
create index on identified.person (block_birth_given) where block_birth_given is not null;
create index on identified.person (block_home_given) where block_home_given is not null;
create index on identified.person (block_names) where block_names is not null;
create index on identified.person (merged_into) where merged_into is not null;
create table identified.merge (
    merge_id bigint generated always as identity primary key,
    kept uuid not null references identified.person,
    merged uuid not null references identified.person,
    reason text not null,
    by_name text not null,
    at timestamptz not null,
    effect jsonb not null,                      -- counts: records moved, cases removed and added by week
    undone_at timestamptz,
    undone_by text,
    undo_reason text,
    check ((undone_at is null) = (undone_by is null) and (undone_at is null) = (undo_reason is null))
);
create unique index one_standing_merge on identified.merge (merged) where undone_at is null;
create table identified.possible_match (
    person_key uuid not null references identified.person,
    other_key uuid not null references identified.person,
    probability double precision not null check (probability between 0 and 1),
    found_on date not null,
    owner text not null,
    due_on date not null,
    decision text check (decision in ('same', 'different')),
    decided_at timestamptz,
    decided_by text,
    reason text,
    primary key (person_key, other_key),
    check ((decision is null) = (decided_at is null) and (decision is null) = (decided_by is null))
);
create index on identified.possible_match (due_on) where decision is null;

-- places: when a postcode was in use, and in how many areas it lies ----------------------------------
alter table reference.postcode
    add column valid_from date,
    add column valid_to date;                   -- first day on which it no longer exists
alter table reference.nation
    add column postcode_elsewhere text,         -- neighbours' postcodes that are written alike, as a regular expression
    add column postcode_pseudo text not null default '^ZZ99';
create table reference.postcode_share (
    postcode text collate "C" not null,
    small_area text not null,
    share double precision not null check (share > 0 and share <= 1),
    primary key (postcode, small_area)
);
comment on table reference.postcode_share is 'Postcodes that lie in several small areas, with the share of each; they stand in reference.postcode too.';
create table identified.place_decision (
    record_key uuid not null,
    decided_at timestamptz not null,
    small_area text not null,
    by_name text not null,
    reason text not null,
    primary key (record_key, decided_at)
);

-- quarantine: a line is mended or dismissed, once ---------------------------------------------------
create table identified.mending (
    file_id bigint not null references identified.file,
    line integer not null,
    outcome text not null check (outcome in ('mended', 'dismissed')),
    mended_file_id bigint references identified.file,
    reason text not null,
    by_name text not null,
    at timestamptz not null,
    primary key (file_id, line),
    check ((outcome = 'mended') = (mended_file_id is not null))
);

create table identified.mend_request (           -- from the console, which may not add events; the next receiving does it
    request_id bigint generated always as identity primary key,
    file_id bigint not null references identified.file,
    line integer not null,
    fields jsonb,                               -- our field -> text; null: the line is dismissed
    reason text not null,
    by_name text not null,
    at timestamptz not null,
    done_at timestamptz
);
create index on identified.mend_request (request_id) where done_at is null;

-- the watch over laboratories -----------------------------------------------------------------------
create table decisions.watch (
    watch_date date not null,
    laboratory text not null,
    kind text not null check (kind in ('silent', 'below_minimum', 'above_maximum', 'late', 'positivity', 'missing_field')),
    field text not null default '',
    severity text not null check (severity in ('alarm', 'warning')),
    observed double precision,
    expected double precision,
    sentence text not null,
    authorities text[] not null,                -- whose residents' results this laboratory usually brings
    primary key (watch_date, laboratory, kind, field)
);
create index on decisions.watch using gin (authorities);
create table decisions.feed_day (
    laboratory text not null,
    received_on date not null,
    line_count integer not null,
    positive_count integer not null,
    missing jsonb not null,                     -- field -> lines without it
    first_received_at timestamptz,
    primary key (laboratory, received_on)
);

grant select, insert, update, delete on identified.merge, identified.possible_match, identified.place_decision,
    identified.mending, identified.mend_request, decisions.watch, decisions.feed_day, reference.postcode_share to pumphandle_deeds;
grant select on decisions.watch, reference.postcode_share to pumphandle_console;
grant select on reference.postcode_share to pumphandle_public;
