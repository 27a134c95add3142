-- Rows by role, mended: what a hard look at them found.

-- "Not one of ours" hides a record until it was linked again with what came after the word: not only until it was sent on
create or replace function identified.said_not_ours() returns setof uuid language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    select m.record_key from identified.misroute m left join identified.record r using (record_key)
    where m.from_authority = decisions.own_authority()
        and (m.sent_on is null or r.linked_on < m.sent_on or r.kind = 'retracted')
$$;
create index on identified.misroute (from_authority);

-- who has said so of a record is known to those who had it; whoever has it now may ask, or it would go in a circle
create function identified.refused_by(asked uuid, authority text) returns boolean language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    select exists (select from identified.misroute m where m.record_key = asked and m.from_authority = refused_by.authority)
        and exists (select from identified.record r where r.record_key = asked and r.district = decisions.own_authority())
        and decisions.acts_as('director', 'tracer')
$$;
comment on function identified.refused_by is
    'Whether an authority said of a record, which is the asker''s now, that it is not theirs. By the owner: a loop over
three is seen by none of them.';
revoke execute on function identified.refused_by from public;
grant execute on function identified.refused_by to pumphandle_console;

-- where a loop ends: the national centre, until a steward places the record
alter table identified.misroute alter to_authority drop not null;
comment on column identified.misroute.to_authority is
    'Null: whoever it could go to had said so too; it is with the national centre until a steward places it.';
create index on identified.misroute (said_at) where to_authority is null and sent_on is null;

-- a copy of records takes two people: who asked never allows, and only a director does, whatever the console's checks say
update decisions.export set state = 'asked', decided_by = null, decided_at = null
    where state = 'allowed' and decided_by = asked_by;
drop policy own_export on decisions.export;
create policy own_export on decisions.export for select to pumphandle_console using (
    authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst', 'tracer')));
create policy ask_export on decisions.export for insert to pumphandle_console with check (
    decisions.serves(authority, 'director', 'analyst', 'tracer') and state = 'asked' and decided_by is null);
create policy answer_export on decisions.export for update to pumphandle_console
    using (authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst', 'tracer')))
    with check (decisions.serves(authority, 'director', 'analyst', 'tracer')
        and (state <> 'allowed' or decided_by <> asked_by));
create function decisions.two_for_an_export() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
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
    if (new.state, new.decided_by, new.decided_at, new.decision)
            is distinct from (old.state, old.decided_by, old.decided_at, old.decision) then
        if not decisions.serves(new.authority, 'director') then
            raise exception 'a director answers a request' using errcode = 'insufficient_privilege',
                schema = 'decisions', table = 'export';
        end if;
        if new.decided_by is null or (new.state = 'allowed' and new.decided_by = new.asked_by) then
            raise exception 'who asked cannot be who allows' using errcode = 'check_violation',
                schema = 'decisions', table = 'export';
        end if;
    end if;
    return new;
end $$;
create trigger two_for_an_export before insert or update on decisions.export
    for each row execute function decisions.two_for_an_export();

-- a contact who was erased is over: nobody opens the follow-up again or writes to it
create function identified.erased_is_over() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_table_name = 'contact' and tg_op = 'UPDATE' then
        if old.erased_on is null then
            return new;
        end if;
    elsif not exists (select from identified.contact c
            where c.contact_id = new.contact_id and c.erased_on is not null) then
        return new;
    end if;
    raise exception 'who this contact was has been erased' using errcode = 'check_violation',
        schema = 'identified', table = tg_table_name;
end $$;
create trigger erased_is_over before update on identified.contact
    for each row execute function identified.erased_is_over();
create trigger erased_is_over before insert on identified.contact_step
    for each row execute function identified.erased_is_over();

-- what detection was told of places and has erased since: how much of which days, so that a look that cannot be repeated
-- can say why; no person, no place, no authority
create table identified.visit_erased (
    case_day date not null,                 -- first day of the illness, by which a look takes cases in
    heard_on date not null,                 -- day on which the interview was written down
    erased_on date not null,
    visits integer not null check (visits > 0),
    primary key (case_day, heard_on, erased_on)
);
create trigger visit_erased_only_grows before update or delete or truncate on identified.visit_erased
    for each statement execute function decisions.refuse_change();
grant select, insert on identified.visit_erased to pumphandle_deeds;
