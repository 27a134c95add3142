-- "Not one of ours": a record leaves the view of who says so at once, a tombstone stays, the right authority gets it.
create table identified.misroute (
    misroute_id bigint generated always as identity primary key,
    record_key uuid not null,
    from_authority text not null,
    to_authority text not null,
    postcode text,                          -- where the person lives, if who says so knows it
    small_area text,
    reason text not null check (reason in ('lives elsewhere', 'moved away', 'postcode mistaken', 'an institution''s address')),
    laboratory text not null,               -- whose result it is: which feeds go astray
    by_name text not null,
    said_at timestamptz not null,
    sent_on date,                           -- run that placed it anew; null: it waits for the next one
    arrived boolean,                        -- false: it had been withdrawn or placed anew meanwhile
    unique (record_key, from_authority),    -- nobody says it twice: records that come back are a steward's
    check (from_authority <> to_authority),
    check ((sent_on is null) = (arrived is null))
);
create index on identified.misroute (from_authority) where sent_on is null;
comment on table identified.misroute is 'The tombstone of a record in the authority that it was not of; each row is an incident.';
create table identified.recall_receipt (
    authority text not null,                -- one that a package had told of the record
    misroute_id bigint not null references identified.misroute,
    told_on date not null,                  -- first package that held it
    delivery_date date not null,            -- package that holds this receipt
    primary key (authority, misroute_id)
);
create index on identified.recall_receipt (misroute_id);

alter table identified.misroute enable row level security;
alter table identified.misroute force row level security;
alter table identified.recall_receipt enable row level security;
alter table identified.recall_receipt force row level security;
create policy deeds_misroute on identified.misroute to pumphandle_deeds using (true) with check (true);
create policy deeds_recall_receipt on identified.recall_receipt to pumphandle_deeds using (true) with check (true);
-- whoever gets the record sees where it came from as soon as it is theirs
create policy own_misroute on identified.misroute for select to pumphandle_console using (
    from_authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst', 'tracer'))
    or to_authority = (select decisions.own_authority()) and arrived
        and (select decisions.acts_as('director', 'analyst', 'tracer'))
    or (select decisions.looks_after_all()));
create policy say_misroute on identified.misroute for insert to pumphandle_console with check (
    decisions.serves(from_authority, 'director', 'tracer')
    and exists (select from identified.record r
        where r.record_key = misroute.record_key and r.district = misroute.from_authority));
create policy own_recall_receipt on identified.recall_receipt for select to pumphandle_console using (
    authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst', 'tracer'))
    or (select decisions.looks_after_all()));

-- what was said not to be theirs is gone from their view in the same transaction
create function identified.said_not_ours() returns setof uuid language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    select m.record_key from identified.misroute m where m.from_authority = decisions.own_authority()
        and (m.sent_on is null or exists (select from identified.record r
            where r.record_key = m.record_key and r.kind = 'retracted'))
$$;
comment on function identified.said_not_ours is
    'By the owner: the policy of misroutes asks for records, and that of records could not ask for misroutes again.';
drop policy own_record on identified.record;
drop policy own_episode on identified.episode;
create policy own_record on identified.record for select to pumphandle_console
    using (district = (select decisions.own_authority()) and (select decisions.shares())
        and (select decisions.acts_as('director', 'analyst', 'tracer'))
        and record_key not in (select identified.said_not_ours()));
create policy own_episode on identified.episode for select to pumphandle_console
    using (district = (select decisions.own_authority()) and (select decisions.shares())
        and (select decisions.acts_as('director', 'analyst', 'tracer'))
        and first_record not in (select identified.said_not_ours()));

grant select, insert, update, delete on identified.misroute, identified.recall_receipt to pumphandle_deeds;
grant select on identified.misroute to pumphandle_console;
grant insert (record_key, from_authority, to_authority, postcode, small_area, reason, laboratory, by_name, said_at)
    on identified.misroute to pumphandle_console;    -- not that it was sent on: only a run does that
grant select on identified.recall_receipt to pumphandle_console;
