-- Break-glass: one named director reads one other authority's records for a stated time and a coded purpose. Whoever reads
-- so is nothing else meanwhile: the role break_glass stands in no other policy, so that nothing can be written or given away.
create table decisions.break_glass_purpose (
    code text primary key,
    sentence text not null
);
insert into decisions.break_glass_purpose values
    ('life_at_risk', 'Somebody''s life or health is in danger now, and the authority cannot be asked in time.'),
    ('authority_unreachable', 'The authority''s own team cannot be reached, and its residents must be warned today.'),
    ('outbreak_across_border', 'An outbreak of ours reaches into the authority, and who is exposed must be known today.'),
    ('record_mistaken', 'A record decides somebody''s treatment today, and it may be another person''s.');
grant select on decisions.break_glass_purpose to pumphandle_console, pumphandle_deeds;

create table decisions.break_glass (
    glass_id text primary key,
    authority text not null,                -- whose records are read
    user_name text not null,                -- the one who reads
    user_authority text not null,
    purpose text not null references decisions.break_glass_purpose,
    opened_at timestamptz not null,
    ends_at timestamptz not null,
    ended_at timestamptz,                   -- before its time
    ended_by text,
    review_due timestamptz not null,
    escalated_at timestamptz,               -- nobody reviewed it in time; the national centre has it
    reviewed_at timestamptz,
    reviewed_by text,
    verdict text check (verdict in ('justified', 'not justified')),
    review_note text,
    check (authority <> user_authority),
    check (opened_at < ends_at and ends_at <= opened_at + interval '12 hours' and ends_at < review_due),
    check ((ended_at is null) = (ended_by is null)),
    check (ended_at is null or ended_at between opened_at and ends_at),
    check ((reviewed_at is null) = (reviewed_by is null) and (reviewed_at is null) = (verdict is null)
        and (reviewed_at is null) = (review_note is null)),
    check (reviewed_by <> user_name)
);
create index on decisions.break_glass (authority, opened_at);
create index on decisions.break_glass (user_name, opened_at);

create function decisions.break_glass_keeps() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if tg_op = 'INSERT' then
        if (new.ended_at, new.escalated_at, new.reviewed_at) is distinct from (null::timestamptz, null::timestamptz, null::timestamptz) then
            raise exception 'it begins open' using errcode = 'check_violation', schema = 'decisions', table = 'break_glass';
        end if;
        return new;
    end if;
    if (new.glass_id, new.authority, new.user_name, new.user_authority, new.purpose, new.opened_at, new.ends_at, new.review_due)
            is distinct from (old.glass_id, old.authority, old.user_name, old.user_authority, old.purpose, old.opened_at,
            old.ends_at, old.review_due)
        or old.ended_at is not null and (new.ended_at, new.ended_by) is distinct from (old.ended_at, old.ended_by)
        or old.reviewed_at is not null and (new.reviewed_at, new.reviewed_by, new.verdict, new.review_note)
            is distinct from (old.reviewed_at, old.reviewed_by, old.verdict, old.review_note) then
        raise exception 'what was said of it stays' using errcode = 'check_violation', schema = 'decisions', table = 'break_glass';
    end if;
    if new.reviewed_at is distinct from old.reviewed_at
            and not (decisions.serves(new.authority, 'director') or decisions.acts_as('national')) then
        raise exception 'a director of the authority or the national centre reviews it'
            using errcode = 'insufficient_privilege', schema = 'decisions', table = 'break_glass';
    end if;
    return new;
end $$;
create trigger break_glass_keeps before insert or update on decisions.break_glass
    for each row execute function decisions.break_glass_keeps();
create trigger break_glass_stays before delete or truncate on decisions.break_glass
    for each statement execute function decisions.refuse_change();

alter table decisions.break_glass enable row level security;
alter table decisions.break_glass force row level security;
create policy deeds_break_glass on decisions.break_glass to pumphandle_deeds using (true) with check (true);
create policy own_break_glass on decisions.break_glass for select to pumphandle_console using (
    (select decisions.own_authority()) in (authority, user_authority) and (select decisions.acts_as('director'))
    or (select decisions.acts_as('national', 'auditor')));
create policy open_break_glass on decisions.break_glass for insert to pumphandle_console
    with check (decisions.serves(user_authority, 'director'));
create policy answer_break_glass on decisions.break_glass for update to pumphandle_console
    using (decisions.serves(authority, 'director') or decisions.serves(user_authority, 'director') or decisions.acts_as('national'))
    with check (decisions.serves(authority, 'director') or decisions.serves(user_authority, 'director')
        or decisions.acts_as('national'));
grant select, insert, update on decisions.break_glass to pumphandle_deeds;
grant select, insert on decisions.break_glass to pumphandle_console;
grant update (ended_at, ended_by, reviewed_at, reviewed_by, verdict, review_note) on decisions.break_glass to pumphandle_console;

-- whose records a transaction may read ----------------------------------------------------------------
create function decisions.through_glass() returns text language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    select g.authority from decisions.break_glass g join decisions.account a using (user_name)
    where g.glass_id = nullif(current_setting('pumphandle.glass', true), '')
        and g.user_name = nullif(current_setting('pumphandle.user', true), '')
        and a.disabled_at is null and a.role = 'director' and a.authority = g.user_authority
        and nullif(current_setting('pumphandle.moment', true), '')::timestamptz >= g.opened_at
        and nullif(current_setting('pumphandle.moment', true), '')::timestamptz < coalesce(g.ended_at, g.ends_at)
        and decisions.acts_as('break_glass')
$$;
comment on function decisions.through_glass is
    'The authority whose records are read through the break-glass that the transaction was opened with, while it lasts and
by the one it was opened for; else null.';
create function decisions.reads_of() returns text language sql stable as
    $$ select case when decisions.acts_as('break_glass') then decisions.through_glass() else decisions.own_authority() end $$;
comment on function decisions.reads_of is 'One''s own authority; through break-glass the other, and then not one''s own.';

create or replace function decisions.shares() returns boolean language sql stable as $$
    select exists (select from decisions.agreement where authority = decisions.reads_of() and state = 'ACTIVE')
$$;
create or replace function decisions.shows(field text) returns boolean language sql stable as $$
    select exists (select from decisions.agreement
            where authority = decisions.reads_of() and state = 'ACTIVE' and field = any (fields))
        and (field not in ('national_id', 'family_name', 'given_name', 'date_of_birth', 'address', 'phone',
                'workplace', 'workplace_postcode')
            or decisions.acts_as('director', 'tracer', 'break_glass'))
$$;
create or replace function identified.said_not_ours() returns setof uuid language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    select m.record_key from identified.misroute m left join identified.record r using (record_key)
    where m.from_authority = decisions.reads_of()
        and (m.sent_on is null or r.linked_on < m.sent_on or r.kind = 'retracted')
$$;
drop policy own_record on identified.record;
create policy own_record on identified.record for select to pumphandle_console
    using (district = (select decisions.reads_of()) and (select decisions.shares())
        and (select decisions.acts_as('director', 'analyst', 'tracer', 'break_glass'))
        and record_key not in (select identified.said_not_ours()));
-- no more than the owner's own agreement shows
create policy agreement_through_glass on decisions.agreement for select to pumphandle_console
    using (authority = (select decisions.through_glass()));

-- every look through it stands in the owner's part of the audit, with its id: the one thing that can be written
drop policy add_audit on decisions.audit;
create policy add_audit on decisions.audit for insert to pumphandle_console with check (
    by_role = current_setting('pumphandle.role', true)
    and case when decisions.acts_as('break_glass')
        then authority = decisions.through_glass() and by_name = current_setting('pumphandle.user', true)
            and deed in ('look_glass_lines', 'look_glass_record')
            and subject ->> 'glass' = current_setting('pumphandle.glass', true)
        else authority is not distinct from decisions.own_authority() end);
