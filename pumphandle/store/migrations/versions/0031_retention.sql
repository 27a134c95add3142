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

-- who a person is: two accounts of one human are one person, and what takes two people takes two persons -------------------
alter table decisions.account add column person text;
update decisions.account set person = user_name;
alter table decisions.account alter column person set not null;
comment on column decisions.account.person is 'Whose account it is: the name of the first account of that human.';
create function decisions.account_has_a_person() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    new.person := coalesce(new.person, new.user_name);
    return new;
end $$;
create trigger account_has_a_person before insert on decisions.account
    for each row execute function decisions.account_has_a_person();
create function decisions.person_of(account_name text) returns text language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    select coalesce((select a.person from decisions.account a where a.user_name = account_name), account_name)
$$;
comment on function decisions.person_of is 'Whose account it is; of a name without an account, the name.';

-- an authority whose one director asks for a copy has nobody else who could allow it: the national release reviewer does
create function decisions.asked_alone(of_authority text, asked_by text) returns boolean language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    select exists (select from decisions.account a where a.user_name = asked_alone.asked_by and a.role = 'director'
            and a.authority = of_authority and a.disabled_at is null)
        and not exists (select from decisions.account a where a.role = 'director' and a.authority = of_authority
            and a.disabled_at is null and a.person <> decisions.person_of(asked_alone.asked_by))
$$;
create policy lone_export on decisions.export for select to pumphandle_console
    using ((select decisions.acts_as('reviewer')) and decisions.asked_alone(authority, asked_by));
create policy answer_lone_export on decisions.export for update to pumphandle_console
    using ((select decisions.acts_as('reviewer')) and decisions.asked_alone(authority, asked_by))
    with check (decisions.acts_as('reviewer') and decisions.asked_alone(authority, asked_by));
create or replace function decisions.two_for_an_export() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'asked' or new.decided_by is not null or new.fetched <> 0 then
            raise exception 'a request begins as one that was asked' using errcode = 'check_violation',
                schema = 'decisions', table = 'export';
        end if;
        return new;
    end if;
    if (new.export_id, new.authority, new.form, new.question, new.columns, new.reason, new.asked_by, new.asked_at,
            new.expires_at) is distinct from (old.export_id, old.authority, old.form, old.question, old.columns,
            old.reason, old.asked_by, old.asked_at, old.expires_at) then
        raise exception 'a request stays as it was asked' using errcode = 'check_violation',
            schema = 'decisions', table = 'export';
    end if;
    if (new.fetched, new.records) is distinct from (old.fetched, old.records) and decisions.acts_as('reviewer') then
        raise exception 'who reviews fetches nothing' using errcode = 'insufficient_privilege',
            schema = 'decisions', table = 'export';
    end if;
    if (new.state, new.decided_by, new.decided_at, new.decision)
            is distinct from (old.state, old.decided_by, old.decided_at, old.decision) then
        if not (decisions.serves(new.authority, 'director')
                or decisions.acts_as('reviewer') and decisions.asked_alone(new.authority, new.asked_by)) then
            raise exception 'a director answers a request' using errcode = 'insufficient_privilege',
                schema = 'decisions', table = 'export';
        end if;
        if new.decided_by is null or (new.state = 'allowed'
                and decisions.person_of(new.decided_by) = decisions.person_of(new.asked_by)) then
            raise exception 'who asked cannot be who allows' using errcode = 'check_violation',
                schema = 'decisions', table = 'export';
        end if;
    end if;
    return new;
end $$;

create function decisions.two_for_a_review() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from decisions.review r where r.release_day = new.release_day
            and decisions.person_of(r.reviewer) = decisions.person_of(new.reviewer))
        or exists (select from decisions.draft d where d.release_day = new.release_day
            and decisions.person_of(d.author) = decisions.person_of(new.reviewer)) then
        raise exception 'two votes are of two persons, and none of the author' using errcode = 'check_violation',
            schema = 'decisions', table = 'review';
    end if;
    return new;
end $$;
create trigger two_for_a_review before insert on decisions.review
    for each row execute function decisions.two_for_a_review();

create function decisions.another_reviews_glass() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if new.reviewed_by is not null and decisions.person_of(new.reviewed_by) = decisions.person_of(new.user_name) then
        raise exception 'who read cannot be who reviews' using errcode = 'check_violation', schema = 'decisions',
            table = 'break_glass';
    end if;
    return new;
end $$;
create trigger another_reviews_glass before update on decisions.break_glass
    for each row execute function decisions.another_reviews_glass();

-- two receipts of a record that was sent on: the giver's tombstone, and the word of who has it now -------------------------
alter table identified.misroute
    add column taken_at timestamptz,
    add column taken_by text,
    add constraint taken_by_somebody check ((taken_at is null) = (taken_by is null)),
    add constraint taken_where_it_arrived check (taken_at is null or arrived and taken_at >= said_at);
create policy take_misroute on identified.misroute for update to pumphandle_console
    using (arrived and taken_at is null and decisions.serves(to_authority, 'director', 'tracer'))
    with check (decisions.serves(to_authority, 'director', 'tracer'));
grant update (taken_at, taken_by) on identified.misroute to pumphandle_console;
