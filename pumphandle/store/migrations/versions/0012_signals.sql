-- Signal -> cluster -> outbreak: found by the machine, followed through time, declared by people.

-- one look of the engine at one pathogen, pinned to what it saw
create table decisions.signal_look (
    run_date date not null,
    pathogen text not null,
    pin jsonb not null,                     -- as_of, batches, geography, code, thresholds, settings
    signals integer not null,
    sha256 text not null,                   -- over the hashes of the signals, in their order
    looked_at timestamptz not null,
    primary key (run_date, pathogen)
);

create table decisions.cluster (
    cluster_id text primary key,            -- the id of its first signal
    pathogen text not null,
    authority text not null,
    first_seen date not null,
    last_seen date not null,
    state text not null check (state in ('new', 'growing', 'stable', 'closing', 'ended')),
    cases integer not null,
    raised_on date not null,                -- last time somebody was to be told
    raised_cases integer not null,
    status text not null check (status in ('raised', 'escalated', 'taken_up', 'dismissed', 'outbreak', 'closed', 'silent')),
    acting_role text,                       -- who is to act now; null: nobody
    act_by timestamptz,                     -- the clock; null: none runs
    changed_at timestamptz not null,
    check ((acting_role is null) = (act_by is null))
);
create index on decisions.cluster (authority, last_seen);
create index on decisions.cluster (act_by) where act_by is not null;
create table decisions.cluster_day (
    cluster_id text not null references decisions.cluster,
    run_date date not null,
    state text not null check (state in ('new', 'growing', 'stable', 'closing', 'ended')),
    cases integer not null,
    added integer not null,
    raised boolean not null,
    signal_id text,                         -- null: not found that day
    primary key (cluster_id, run_date)
);
create table decisions.cluster_step (
    step_id bigint generated always as identity primary key,
    cluster_id text not null references decisions.cluster,
    event text not null,
    status text not null,                   -- after the event
    reason text not null,
    by_name text not null,
    by_role text not null,
    at timestamptz not null
);
create index on decisions.cluster_step (cluster_id);
create trigger cluster_step_only_grows before update or delete or truncate on decisions.cluster_step
    for each statement execute function decisions.refuse_change();
create table decisions.outbreak (
    outbreak_id text primary key,           -- authority and number: "NOR-3"
    cluster_id text not null references decisions.cluster,
    authority text not null,
    name text not null,
    reason text not null,
    declared_at timestamptz not null,
    declared_by text not null,
    closed_at timestamptz,
    closed_by text,
    close_reason text,
    check (num_nulls(closed_at, closed_by, close_reason) in (0, 3))
);
create unique index on decisions.outbreak (cluster_id) where closed_at is null;
create index on decisions.outbreak (authority);

-- signals of the first engine knew one area, no cases and no cluster: they are kept beside, as they were said
alter table decisions.signal rename to signal_of_areas;
alter index decisions.signal_pkey rename to signal_of_areas_pkey;
create table decisions.signal (
    signal_id text primary key,             -- authority/day/pathogen/place
    run_date date not null,
    pathogen text not null,
    cluster_id text not null references decisions.cluster,
    place integer not null,                 -- 1: the strongest of its authority on this day
    authority text not null,
    method text not null,
    level text not null check (level in ('postcode', 'small_area', 'district')),
    areas text[] not null,                  -- small areas, nearest first
    first_day date not null,
    last_day date not null,
    observed integer not null,
    expected double precision not null,
    tests integer,                          -- null: not told, as among postcodes
    households integer not null,
    largest_household integer not null,
    p_value double precision not null,
    alarms_a_week double precision not null,
    odds double precision not null,
    weeks_between double precision not null,
    mostly_testing boolean not null,
    excluded text,                          -- why nobody is told, by which threshold; null: somebody is
    also text[] not null,
    sentence text not null,
    curve jsonb not null,                   -- first, inside, around, expected: by specimen day
    sha256 text not null
);
create index on decisions.signal (run_date, authority);
create index on decisions.signal (cluster_id);

create table decisions.nowcast (
    run_date date not null,
    pathogen text not null,
    authority text not null,
    specimen_date date not null,
    reported integer not null,
    completeness double precision not null,
    mean double precision not null,
    lower double precision not null,
    upper double precision not null,
    primary key (run_date, pathogen, authority, specimen_date)
);
create table decisions.growth (
    run_date date not null,
    pathogen text not null,
    authority text not null,
    rate double precision not null,         -- of the log count, a day
    lower double precision not null,
    upper double precision not null,
    doubling_days double precision,         -- negative: halving; null: neither
    primary key (run_date, pathogen, authority)
);
create table decisions.forecast (
    run_date date not null,
    pathogen text not null,
    authority text not null,
    day date not null,
    quantiles double precision[] not null,  -- at 2.5, 10, 25, 50, 75, 90, 97.5 %
    score_ratio double precision not null,  -- its score over the baseline's, below 1: it has been better
    primary key (run_date, pathogen, authority, day)
);

-- which cases a cluster is made of: opaque keys of people's records, so on the identified shelf
create table identified.cluster_case (
    cluster_id text not null,
    case_key uuid not null,                 -- first record of the episode
    authority text not null,                -- of the case
    since date not null,                    -- run in which it came into the cluster
    last_seen date not null,                -- run that last had it in
    primary key (cluster_id, case_key)
);
create index on identified.cluster_case (case_key);
alter table identified.cluster_case enable row level security;
alter table identified.cluster_case force row level security;
create policy deeds_cluster_case on identified.cluster_case to pumphandle_deeds using (true) with check (true);
create policy own_cluster_case on identified.cluster_case for select to pumphandle_console
    using (authority = nullif((select current_setting('pumphandle.authority', true)), ''));

grant select, insert, update, delete on decisions.signal_look, decisions.cluster, decisions.cluster_day, decisions.cluster_step,
    decisions.outbreak, decisions.signal, decisions.nowcast, decisions.growth, decisions.forecast,
    identified.cluster_case to pumphandle_deeds;
grant select on decisions.signal_look, decisions.cluster, decisions.cluster_day, decisions.cluster_step, decisions.outbreak,
    decisions.signal, decisions.nowcast, decisions.growth, decisions.forecast, identified.cluster_case to pumphandle_console;
grant insert on decisions.cluster_step, decisions.outbreak to pumphandle_console;
grant update (status, acting_role, act_by, changed_at) on decisions.cluster to pumphandle_console;
grant update (closed_at, closed_by, close_reason) on decisions.outbreak to pumphandle_console;
