-- Canaries: a fictitious resident of every authority every day, to prove the way. Which records are theirs stands here and
-- nowhere else: no mark in a record itself is believed, since anybody could write one.
create table decisions.canary (
    canary_day date not null,
    authority text not null,
    record_key uuid not null unique,
    sent_at timestamptz not null,           -- into the day's records
    packaged_on date,                       -- day whose package really held it; null: it did not arrive
    primary key (canary_day, authority),
    check (packaged_on >= canary_day)
);
alter table decisions.canary enable row level security;
alter table decisions.canary force row level security;
create policy deeds_canary on decisions.canary to pumphandle_deeds using (true) with check (true);
grant select, insert, update on decisions.canary to pumphandle_deeds;

alter table decisions.watch drop constraint watch_kind_check;
alter table decisions.watch add constraint watch_kind_check check (kind in
    ('silent', 'below_minimum', 'above_maximum', 'late', 'positivity', 'missing_field', 'canary_missing'));

-- the console's door: a canary is nobody's case, whatever came of the other filters
create function identified.canaries() returns setof uuid language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    select record_key from decisions.canary where authority = decisions.reads_of()
$$;
drop policy own_record on identified.record;
create policy own_record on identified.record for select to pumphandle_console
    using (district = (select decisions.reads_of()) and (select decisions.shares())
        and (select decisions.acts_as('director', 'analyst', 'tracer', 'break_glass'))
        and record_key not in (select identified.said_not_ours())
        and record_key not in (select identified.canaries()));
drop policy own_episode on identified.episode;
create policy own_episode on identified.episode for select to pumphandle_console
    using (district = (select decisions.own_authority()) and (select decisions.shares())
        and (select decisions.acts_as('director', 'analyst', 'tracer'))
        and first_record not in (select identified.said_not_ours())
        and first_record not in (select identified.canaries()));
drop policy own_change on identified.change;
create policy own_change on identified.change for select to pumphandle_console
    using (authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst', 'tracer'))
        and record_key not in (select identified.canaries()));
