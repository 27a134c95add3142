-- What takes two people takes two humans, and a record that was sent on has two receipts.

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
