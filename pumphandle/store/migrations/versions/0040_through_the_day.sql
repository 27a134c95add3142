-- Results are linked as they come, round by round, so that a director sees them within the minute. The day's own linking
-- takes in what is left and closes the day: counts, packages and releases stay those of whole days.

create table identified.round (
    round_id bigint generated always as identity primary key,
    round_day date not null,
    finished_at timestamptz not null,
    summary jsonb not null,                 -- counts, no person
    closed_on date                          -- the day whose linking took it in; null: that is still to come
);
create index on identified.round (round_day) where closed_on is null;
create table identified.linked_file (
    file_id bigint primary key references identified.file,
    round_id bigint not null references identified.round
);
create trigger linked_file_only_grows before update or delete or truncate on identified.linked_file
    for each statement execute function decisions.refuse_change();
grant select, insert, update on identified.round to pumphandle_deeds;
grant select, insert on identified.linked_file to pumphandle_deeds;

create table events.early (
    round_day date not null,
    measure text not null,
    sign smallint not null check (sign in (-1, 1)),
    contribution text not null,
    record_key text not null,
    person_key text not null,
    household_key text not null,
    small_area text,
    district text,
    postcode text,
    age_band text not null,
    sex text not null,
    laboratory text,
    specimen_date date not null,
    pathogen text not null
);
comment on table events.early is 'Contributions of results that were linked before their day was closed; gone into the lake with it.';
grant select, insert, delete on events.early to pumphandle_deeds;

-- a round reads its files' lines, and not all of the day's
create index event_received on identified.event (received_on, file_id);
drop index identified.event_received_on_idx;
create index event_of_deed on identified.event (received_on) where file_id is null;

-- on the day on which it is sent on a record may have been linked already: out of view until it is linked anew
create or replace function identified.said_not_ours() returns setof uuid language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    select m.record_key from identified.misroute m left join identified.record r using (record_key)
    where m.from_authority = decisions.reads_of()
        and (m.sent_on is null or r.linked_on < m.sent_on or r.kind = 'retracted'
            or r.linked_on = m.sent_on and exists (select from identified.event e
                where e.record_key = r.record_key and e.version > r.version))
$$;

-- what the house does by itself, and when it last went well
create table decisions.timer (
    timer text primary key check (timer in ('take_in', 'purge')),
    done_at timestamptz not null,
    summary jsonb not null                  -- counts, no person
);
grant select, insert, update on decisions.timer to pumphandle_deeds;
grant select on decisions.timer to pumphandle_console;
alter table decisions.timer enable row level security;
alter table decisions.timer force row level security;
create policy deeds_timer on decisions.timer to pumphandle_deeds using (true) with check (true);
create policy own_timer on decisions.timer for select to pumphandle_console
    using ((select decisions.acts_as('steward', 'national', 'auditor')));
