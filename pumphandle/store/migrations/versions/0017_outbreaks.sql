-- What is done about an outbreak and learnt from it; contacts handed over; contacts who became cases; flare-ups.

create table decisions.control_measure (
    measure_id bigint generated always as identity primary key,
    outbreak_id text not null references decisions.outbreak,
    authority text not null,
    what text not null,
    first_day date not null,
    last_day date,                          -- null: it goes on
    added_at timestamptz not null,
    added_by text not null,
    ended_by text,
    check (last_day is null or last_day >= first_day)
);
create index on decisions.control_measure (outbreak_id, first_day);
alter table decisions.control_measure enable row level security;
alter table decisions.control_measure force row level security;
create policy deeds_control_measure on decisions.control_measure to pumphandle_deeds using (true) with check (true);
create policy own_control_measure on decisions.control_measure to pumphandle_console
    using (authority = (select decisions.own_authority()) or (select decisions.looks_after_all()))
    with check (authority = (select decisions.own_authority()) or (select decisions.looks_after_all()));
grant select, insert, update, delete on decisions.control_measure to pumphandle_deeds;
grant select, insert on decisions.control_measure to pumphandle_console;
grant update (last_day, ended_by) on decisions.control_measure to pumphandle_console;

alter table decisions.outbreak add column lessons text;
grant update (lessons) on decisions.outbreak to pumphandle_console;

-- a contact who lives elsewhere: one transaction closes the giver's follow-up, begins the receiver's, and writes both receipts
create table identified.contact_handover (
    handover_id uuid primary key,
    given_contact uuid not null,            -- of the giver
    taken_contact uuid not null unique,     -- of the receiver
    giver text not null,
    receiver text not null,
    reason text not null,
    given_at timestamptz not null,          -- the giver's receipt
    given_by text not null,
    received_at timestamptz,                -- the receiver's receipt; null: nobody has confirmed it yet
    received_by text,
    state text not null,                    -- of the receiver's follow-up: all that the giver is told of it
    reached_at timestamptz,
    check (giver <> receiver),
    check ((received_at is null) = (received_by is null))
);
create index on identified.contact_handover (giver, given_at);
create index on identified.contact_handover (receiver, received_at);
create index on identified.contact_handover (given_contact);
alter table identified.contact_handover enable row level security;
alter table identified.contact_handover force row level security;
create policy deeds_contact_handover on identified.contact_handover to pumphandle_deeds using (true) with check (true);
create policy both_contact_handover on identified.contact_handover for select to pumphandle_console
    using ((select decisions.own_authority()) in (giver, receiver));
create policy giver_contact_handover on identified.contact_handover for insert to pumphandle_console
    with check (giver = (select decisions.own_authority()));
create policy receiver_contact_handover on identified.contact_handover for update to pumphandle_console
    using (receiver = (select decisions.own_authority())) with check (receiver = (select decisions.own_authority()));
grant select, insert, update, delete on identified.contact_handover to pumphandle_deeds;
grant select, insert on identified.contact_handover to pumphandle_console;
grant update (received_at, received_by, state, reached_at) on identified.contact_handover to pumphandle_console;

-- the giver writes the receiver's first row and can neither read nor change it afterwards
create policy handed_contact on identified.contact for insert to pumphandle_console
    with check (case_authority = (select decisions.own_authority()) and authority <> case_authority);

alter table identified.contact add column became_on date;   -- run that found their own result
create index on identified.contact (became_on);
alter table identified.membership drop constraint membership_kind_check;
alter table identified.membership add constraint membership_kind_check
    check (kind in ('contact', 'household', 'building', 'setting', 'same_place'));

-- sets of linked cases and clusters of the scan that share cases, under one identity
create table identified.flare_case (
    flare_id text not null,
    case_key uuid not null,
    authority text,
    day date not null,
    since date not null,
    primary key (flare_id, case_key)
);
create index on identified.flare_case (case_key);
create table identified.flare_state (
    flare_id text not null,
    run_date date not null,
    state text not null check (state in ('new', 'growing', 'stable', 'closing', 'ended')),
    cases integer not null,
    added integer not null,
    last_case date,
    became text,
    primary key (flare_id, run_date)
);
alter table identified.flare_case enable row level security;
alter table identified.flare_case force row level security;
create policy deeds_flare_case on identified.flare_case to pumphandle_deeds using (true) with check (true);
create policy own_flare_case on identified.flare_case for select to pumphandle_console
    using (authority = (select decisions.own_authority()));
grant select, insert, update, delete on identified.flare_case, identified.flare_state to pumphandle_deeds;
grant select on identified.flare_case, identified.flare_state to pumphandle_console;

-- the cases of an authority in the orders in which people read them: a page begins without sorting all of them
create index record_cases_by_name on identified.record
    (district, lower(coalesce(family_name, '') || ' ' || coalesce(given_name, '')), record_key) where result = 'positive';
create index record_cases_by_specimen on identified.record (district, specimen_date, record_key) where result = 'positive';
create index record_cases_by_postcode on identified.record (district, coalesce(postcode, ''), record_key)
    where result = 'positive';

-- what a person said in a call can be erased by rule; nothing else of a step ever changes
drop trigger contact_step_only_grows on identified.contact_step;
create function identified.only_answers_are_erased() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.answers = '{}'::jsonb
        and (new.contact_id, new.version, new.event, new.state, new.at, new.by_name)
            = (old.contact_id, old.version, old.event, old.state, old.at, old.by_name) then
        return new;
    end if;
    raise exception 'identified.contact_step is only ever added to';
end $$;
create trigger contact_step_only_grows before update or delete on identified.contact_step
    for each row execute function identified.only_answers_are_erased();
create trigger contact_step_not_emptied before truncate on identified.contact_step
    for each statement execute function decisions.refuse_change();
alter table identified.contact add column erased_on date;    -- who they were is gone; that there was a contact stays
