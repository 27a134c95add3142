-- Five shelves. No column of the reference and published shelves is about a person: tests/store/test_shelves.py
-- compares every column with a list of what is.
create schema reference;
create schema events;
create schema identified;
create schema decisions;
create schema published;

-- reference ------------------------------------------------------------------------------------
create table reference.nation (
    code text primary key,
    name text not null,
    vintage text not null,
    time_zone text not null,
    identifier text not null,               -- name of a rule in identity.identifiers
    identifier_name text not null,          -- what people call it
    postcode_pattern text not null,
    level_names jsonb not null,             -- {"small_area": ["Postal area", "Postal areas"], …}
    attribution text not null,
    folder text not null,                   -- where the description and its feeds lie
    picture jsonb not null,                 -- the frame of boundary.svg_path: {"view_box": "0 0 10000 8174", "west": …}
    only_one boolean not null default true unique check (only_one)
);
create table reference.area (
    area_code text primary key,
    level text not null check (level in ('small_area', 'district', 'region', 'nation')),
    name text not null,
    parent text references reference.area,
    population integer check (population >= 0),      -- null: not known
    point_x double precision,
    point_y double precision,
    vintage text not null
);
create index on reference.area (parent);
create table reference.postcode (
    postcode text collate "C" primary key,  -- normalised: upper case, no spaces; C: found by its first letters
    -- no foreign key: checked one by one, 2.3 million took 9 of 13 s; the load checks them at once (replacing.py)
    small_area text not null,
    vintage text not null
);
create index on reference.postcode (small_area);
create table reference.boundary (
    area_code text primary key references reference.area,
    geometry jsonb not null,                -- GeoJSON geometry, longitude/latitude or the country's plane
    svg_path text not null                  -- the same in the national picture's coordinates
);
create table reference.neighbour (
    area_code text not null references reference.area,
    neighbour text not null references reference.area,
    primary key (area_code, neighbour)
);
create table reference.publication_node (
    small_area text primary key references reference.area,
    node text not null references reference.area,     -- the most populous member gives the name
    rule_version integer not null
);

-- events: the catalogue of the lake --------------------------------------------------------------
create table events.manifest (
    batch_id text primary key,              -- table/report date
    lake_table text not null check (lake_table in ('events', 'triangle')),
    report_date date not null,
    path text not null unique,              -- below the lake folder
    sha256 text not null,
    line_count bigint not null check (line_count >= 0),
    first_specimen_date date,
    last_specimen_date date,
    committed_at timestamptz not null
);
create index on events.manifest (lake_table, report_date);
create table events.pending (
    node text not null,
    measure text not null,
    contribution text not null,             -- pseudonymous: one countable thing, removed if it is withdrawn while pending
    person_key uuid not null,
    household_key text not null,
    report_date date not null,
    primary key (node, measure, contribution)
);
comment on table events.pending is 'What waits in open windows: fewer than k persons, or one household, per node and measure.';

-- decisions ---------------------------------------------------------------------------------------
create table decisions.threshold (
    name text not null,
    version integer not null,
    value jsonb not null,
    chooser text not null,
    chosen_on date not null,
    reason text not null,
    primary key (name, version)
);
create table decisions.account (
    user_name text primary key,
    full_name text not null,
    role text not null check (role in ('director', 'analyst', 'tracer', 'steward', 'national')),
    authority text,                         -- null only for roles without one
    password_hash text not null,
    disabled_at timestamptz,
    created_at timestamptz not null,
    created_by text not null,
    check ((role in ('director', 'analyst', 'tracer')) = (authority is not null))
);
create table decisions.session (
    token_hash text primary key,
    user_name text not null references decisions.account,
    csrf_token text not null,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null
);
create table decisions.sign_in_attempt (
    user_name text not null,
    at timestamptz not null,
    succeeded boolean not null
);
create index on decisions.sign_in_attempt (user_name, at);
create table decisions.recipient (
    authority text primary key,
    public_key text not null,               -- age recipient
    fingerprint text not null,
    added_at timestamptz not null,
    added_by text not null
);
create table decisions.run_step (
    run_date date not null,
    step text not null check (step in ('receive', 'link', 'deliver', 'detect', 'publish')),
    finished_at timestamptz not null,
    seconds double precision not null,
    summary jsonb not null,
    primary key (run_date, step)
);
create table decisions.audit (
    audit_id bigint primary key,            -- given by the chain: without gaps, so a removed row shows
    at timestamptz not null,
    by_name text not null,
    by_role text not null,
    authority text,
    deed text not null,
    subject jsonb not null,                 -- codes and counts, never a person's data
    previous_hash text not null,
    hash text not null unique
);
-- no foreign keys: the audit outlives what it tells of
create function decisions.audit_hash(entry decisions.audit) returns text language sql stable as $$
    select encode(sha256(convert_to(jsonb_build_array(
        entry.audit_id, entry.previous_hash, extract(epoch from entry.at), entry.by_name, entry.by_role,
        entry.authority, entry.deed, entry.subject)::text, 'UTF8')), 'hex')
$$;
create function decisions.chain_audit() returns trigger language plpgsql as $$
declare last_entry decisions.audit;
begin
    -- number and hash are both taken after the lock: a number taken before it could stand out of order
    perform pg_advisory_xact_lock(85400001);
    select a.* into last_entry from decisions.audit a order by a.audit_id desc limit 1;
    new.audit_id := coalesce(last_entry.audit_id, 0) + 1;
    new.previous_hash := coalesce(last_entry.hash, '');
    new.hash := decisions.audit_hash(new);
    return new;
end $$;
create trigger chain_audit before insert on decisions.audit
    for each row execute function decisions.chain_audit();
create function decisions.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is only ever added to', tg_table_schema || '.' || tg_table_name;
end $$;
create trigger audit_only_grows before update or delete or truncate on decisions.audit
    for each statement execute function decisions.refuse_change();
create trigger threshold_only_grows before update or delete or truncate on decisions.threshold
    for each statement execute function decisions.refuse_change();
create table decisions.signal (
    signal_id text primary key,             -- area/day/method
    run_date date not null,
    area_code text not null,
    district text,
    method text not null,
    observed integer not null,
    expected double precision not null,
    tests integer not null,
    baseline_positives integer not null,
    baseline_tests integer not null,
    p_value double precision not null,
    recurrence_days double precision not null,
    mostly_testing boolean not null,
    sentence text not null,
    threshold_version integer not null
);
create index on decisions.signal (run_date, district);

-- identified --------------------------------------------------------------------------------------
create table identified.file (
    file_id bigint generated always as identity primary key,
    laboratory text not null,
    file_name text not null,
    sha256 text not null,
    received_on date not null,
    received_at timestamptz not null,
    outcome text not null check (outcome in ('accepted', 'refused', 'seen_before')),
    refusal text,                           -- code and sentence, without personal data
    lines_in integer not null,
    accepted integer not null,
    quarantined integer not null,
    duplicates integer not null,
    superseded integer not null,
    check (lines_in = accepted + quarantined + duplicates + superseded)
);
create unique index one_outcome_a_day on identified.file (sha256, file_name, received_on);
create table identified.quarantine (
    file_id bigint not null references identified.file,
    line integer not null,
    field text not null,
    code text not null,
    remedy text not null,
    content text not null,                  -- the line as it came, for the steward who mends it
    primary key (file_id, line, code, field)
);
create table identified.event (
    record_key uuid not null,
    version integer not null,
    kind text not null check (kind in ('reported', 'corrected', 'retracted')),
    reason text not null,
    file_id bigint not null references identified.file,
    line integer not null,
    received_on date not null,
    laboratory text not null,
    content_hash text not null,
    specimen_id text not null,
    national_id text,
    family_name text,
    given_name text,
    date_of_birth date,
    sex text not null,
    address text,
    postcode text,
    phone text,
    specimen_date date not null,
    pathogen text not null,
    result text not null,
    primary key (record_key, version)
);
create index on identified.event (received_on);
create table identified.person (
    person_key uuid primary key,
    national_id text,
    demographic_key text,                   -- keyed hash of normalised names and date of birth
    first_seen date not null
);
create unique index one_person_an_identifier on identified.person (national_id) where national_id is not null;
create index on identified.person (demographic_key) where demographic_key is not null;
create table identified.record (
    record_key uuid primary key,
    version integer not null,
    kind text not null,
    person_key uuid not null,
    household_key text not null,
    laboratory text not null,
    specimen_id text not null,
    national_id text,
    family_name text,
    given_name text,
    date_of_birth date,
    sex text not null,
    age_band text not null,
    address text,
    postcode text,
    phone text,
    specimen_date date not null,
    report_date date not null,
    pathogen text not null,
    result text not null,
    placement text not null check (placement in ('placed', 'no_postcode', 'unknown_postcode')),
    small_area text,
    district text,
    linked_on date not null
);
create index on identified.record (district, specimen_date);
create index on identified.record (person_key) where result = 'positive';
create index on identified.record (linked_on) where placement <> 'placed';
create table identified.episode (
    person_key uuid not null,
    pathogen text not null,
    start_date date not null,
    first_record uuid not null,
    small_area text,
    district text,
    household_key text not null,
    age_band text not null,
    sex text not null,
    primary key (person_key, pathogen, start_date)
);
create table identified.change (
    change_id bigint generated always as identity primary key,
    authority text not null,
    record_key uuid not null,
    version integer not null,
    change text not null check (change in ('new', 'changed', 'withdrawn')),
    reason text not null,
    linked_on date not null,
    unique (authority, record_key, version, change)
);
create index on identified.change (linked_on, authority);
create table identified.delivery (
    authority text not null,
    delivery_date date not null,
    file_name text not null,
    new_count integer not null,
    changed_count integer not null,
    withdrawn_count integer not null,
    content_sha256 text not null,           -- of what lies inside the seal
    sealed_sha256 text not null,
    sealed_bytes bigint not null,
    fingerprint text not null,              -- of the key it was sealed to
    made_at timestamptz not null,
    primary key (authority, delivery_date)
);
create table identified.receipt (
    authority text not null,
    delivery_date date not null,
    stage text not null check (stage in ('available', 'opened', 'acknowledged')),
    at timestamptz not null,
    by_name text not null,
    primary key (authority, delivery_date, stage),
    foreign key (authority, delivery_date) references identified.delivery
);

-- published ---------------------------------------------------------------------------------------
create table published.release (
    release_id text primary key,            -- the day it is about, and a number within it
    sequence integer not null unique check (sequence > 0),
    as_of date not null,
    made_at timestamptz not null,
    block_count integer not null,
    rule jsonb not null,
    certificate jsonb not null,
    manifest jsonb not null,                -- file name -> sha256, rows
    previous_hash text not null,
    hash text not null unique
);
create table published.ledger (
    block_id bigint primary key,
    release_id text not null references published.release,
    node text not null,
    level text not null,
    measure text not null,
    group_code text not null,
    event_from date,                        -- null: any specimen date
    event_to date,
    first_day date not null,                -- arrival batches of the window, both included
    last_day date not null,
    value integer not null,
    kind text not null check (kind in ('exact', 'interval', 'noisy')),
    check (first_day <= last_day)
);
create index on published.ledger (node, measure, last_day);
create index on published.ledger (release_id);
create index on published.ledger (measure, last_day);
create trigger release_only_grows before update or delete or truncate on published.release
    for each statement execute function decisions.refuse_change();
create trigger ledger_only_grows before update or delete or truncate on published.ledger
    for each statement execute function decisions.refuse_change();

-- who may open which shelf --------------------------------------------------------------------------
alter table identified.record enable row level security;
alter table identified.record force row level security;
alter table identified.episode enable row level security;
alter table identified.episode force row level security;
alter table identified.change enable row level security;
alter table identified.change force row level security;
alter table identified.delivery enable row level security;
alter table identified.delivery force row level security;
alter table identified.receipt enable row level security;
alter table identified.receipt force row level security;
create policy deeds_record on identified.record to pumphandle_deeds using (true) with check (true);
create policy deeds_episode on identified.episode to pumphandle_deeds using (true) with check (true);
create policy deeds_change on identified.change to pumphandle_deeds using (true) with check (true);
create policy deeds_delivery on identified.delivery to pumphandle_deeds using (true) with check (true);
create policy deeds_receipt on identified.receipt to pumphandle_deeds using (true) with check (true);
-- on a pooled connection an unset setting reads '' and not null: hence nullif
create policy own_record on identified.record for select to pumphandle_console
    using (district = nullif((select current_setting('pumphandle.authority', true)), ''));
create policy own_episode on identified.episode for select to pumphandle_console
    using (district = nullif((select current_setting('pumphandle.authority', true)), ''));
create policy own_change on identified.change for select to pumphandle_console
    using (authority = nullif((select current_setting('pumphandle.authority', true)), ''));
create policy own_delivery on identified.delivery for select to pumphandle_console
    using (authority = nullif((select current_setting('pumphandle.authority', true)), ''));
create policy own_receipt on identified.receipt to pumphandle_console
    using (authority = nullif((select current_setting('pumphandle.authority', true)), ''))
    with check (authority = nullif((select current_setting('pumphandle.authority', true)), ''));

grant usage on schema reference, events, identified, decisions, published to pumphandle_deeds;
grant select, insert, update, delete on all tables in schema reference, events, identified, decisions, published
    to pumphandle_deeds;
grant usage on schema reference, identified, decisions, published to pumphandle_console;
grant select on all tables in schema reference, published to pumphandle_console;
grant select on identified.record, identified.episode, identified.change, identified.delivery to pumphandle_console;
grant select, insert on identified.receipt to pumphandle_console;
grant select on decisions.account, decisions.signal, decisions.run_step, decisions.threshold to pumphandle_console;
grant select, insert, update, delete on decisions.session to pumphandle_console;
grant select, insert on decisions.sign_in_attempt to pumphandle_console;
grant select, insert on decisions.audit to pumphandle_console;
grant usage on schema reference, published to pumphandle_public;
grant select on all tables in schema reference, published to pumphandle_public;
