-- Retention: what an agreement no longer allows to be kept is erased, and what cannot be reached any more, a backup or a
-- copied file, is closed for good by destroying the key that it was written under.

-- which keys there are and were; a key itself lies in a file of the house and never in the database, so that no dump has it
create table decisions.resting_key (
    authority text not null,
    month date not null check (extract(day from month) = 1),
    made_at timestamptz not null,
    destroyed_at timestamptz,
    primary key (authority, month)
);
create function decisions.destroyed_is_destroyed() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'DELETE' or old.destroyed_at is not null or (new.authority, new.month, new.made_at)
            is distinct from (old.authority, old.month, old.made_at) then
        raise exception 'a key that was destroyed stays so' using errcode = 'check_violation', schema = 'decisions',
            table = 'resting_key';
    end if;
    return new;
end $$;
create trigger destroyed_is_destroyed before update or delete on decisions.resting_key
    for each row execute function decisions.destroyed_is_destroyed();

-- what was erased: counts and days, no record and no person
create table decisions.purge (
    purge_id bigint generated always as identity primary key,
    authority text not null,
    purged_at timestamptz not null,
    by_name text not null,
    retention_days integer not null check (retention_days > 0),
    before date not null,                   -- specimens taken earlier are erased
    records integer not null check (records >= 0),
    cases integer not null check (cases >= 0),
    persons integer not null check (persons >= 0),
    packages integer not null check (packages >= 0),
    exports integer not null check (exports >= 0),
    months_closed date[] not null           -- whose keys were destroyed
);
create index on decisions.purge (authority, purge_id);
create trigger purge_only_grows before update or delete or truncate on decisions.purge
    for each statement execute function decisions.refuse_change();

-- a laboratory may correct what was erased: it is known by its opaque key, and not counted a second time
create table identified.erased_record (
    record_key uuid primary key,
    erased_on date not null
);
create trigger erased_record_only_grows before update or delete or truncate on identified.erased_record
    for each statement execute function decisions.refuse_change();
grant select, insert on identified.erased_record to pumphandle_deeds;

do $$
declare shelf text;
begin
    foreach shelf in array array['resting_key', 'purge'] loop
        execute format('alter table decisions.%I enable row level security', shelf);
        execute format('alter table decisions.%I force row level security', shelf);
        execute format('create policy deeds_%1$s on decisions.%1$I to pumphandle_deeds using (true) with check (true)', shelf);
        execute format('create policy own_%1$s on decisions.%1$I for select to pumphandle_console using (
            authority = (select decisions.own_authority()) and (select decisions.acts_as(''director'', ''analyst''))
            or (select decisions.looks_after_all()) or (select decisions.acts_as(''auditor'')))', shelf);
        execute format('grant select on decisions.%I to pumphandle_console', shelf);
    end loop;
end $$;
grant select, insert, update on decisions.resting_key to pumphandle_deeds;
grant select, insert on decisions.purge to pumphandle_deeds;

alter table identified.delivery add column erased_on date;
comment on column identified.delivery.erased_on is 'The package is no longer kept here; that there was one, and its hashes, stay.';

-- events only grow, but for what is past its time: only rows whose key is on the list of what was erased
create function identified.only_erased_go() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'DELETE' and exists (select from identified.erased_record e where e.record_key = old.record_key) then
        return old;
    end if;
    raise exception '% is only ever added to', tg_table_schema || '.' || tg_table_name;
end $$;
drop trigger event_only_grows on identified.event;
create trigger event_only_grows before update or truncate on identified.event
    for each statement execute function decisions.refuse_change();
create trigger event_only_erased_goes before delete on identified.event
    for each row execute function identified.only_erased_go();
grant delete on identified.event, identified.change, identified.place_decision, identified.person, identified.merge,
    identified.possible_match, identified.cluster_case, identified.flare_case, identified.case_set, identified.visit,
    decisions.canary, decisions.export to pumphandle_deeds;
