-- Tracing: what cases share, the links and sets made of it, where people meet, whom they met. All on the identified shelf.

create table identified.setting (
    setting_id bigint generated always as identity primary key,
    authority text not null,
    kind text not null check (kind in ('care_home', 'school', 'workplace', 'hospital', 'prison', 'hospitality', 'worship',
        'shop', 'event', 'other')),
    name text not null,
    address text,
    postcode text not null,
    small_area text not null,
    capacity integer check (capacity > 0),  -- null: nobody has said
    responsible text,
    phone text,
    version integer not null default 1,
    changed_at timestamptz not null,
    changed_by text not null
);
create index on identified.setting (authority, kind);
create index on identified.setting (postcode, kind);

create table identified.visit (
    visit_id bigint generated always as identity primary key,
    authority text not null,                -- of the case
    person_key uuid not null,
    case_key uuid not null,                 -- first record of the episode, as everywhere on these tables
    day date not null,
    postcode text,
    setting_kind text,
    setting_id bigint references identified.setting,
    source text not null check (source in ('record', 'interview')),
    added_at timestamptz not null,
    added_by text not null,
    traced_on date,                         -- run that made memberships of it; null: not yet
    check (setting_id is not null or (postcode is not null and setting_kind is not null))
);
create index on identified.visit (person_key);
create index on identified.visit (traced_on) where traced_on is null;

create table identified.membership (
    kind text not null check (kind in ('household', 'building', 'setting', 'same_place')),
    key text not null,
    case_key uuid not null,
    person_key uuid not null,
    authority text,                         -- of the case; null: not placed
    day date not null,
    source text not null,
    primary key (kind, key, case_key)
);
create index on identified.membership (person_key);
create index on identified.membership (case_key);

create table identified.link (
    kind text not null check (kind in ('contact', 'household', 'building', 'setting', 'same_place')),
    key text not null,
    earlier uuid not null,
    later uuid not null,
    day date not null,
    days_apart integer not null check (days_apart >= 0),
    strength text not null check (strength in ('strong', 'moderate', 'weak')),
    source text not null,
    earlier_authority text,
    later_authority text,
    linked_on date not null,
    primary key (kind, key, later)
);
create index on identified.link (earlier);
create index on identified.link (later);
create index on identified.link (day);

create table identified.case_set (
    set_id text not null,                   -- kept while a set grows, joins and shrinks
    case_key uuid not null,
    authority text,
    day date not null,                      -- of the case
    since date not null,                    -- run in which the case came into the set
    primary key (set_id, case_key)
);
create index on identified.case_set (case_key);
create table identified.set_state (
    set_id text not null,
    run_date date not null,
    state text not null check (state in ('new', 'growing', 'stable', 'closing', 'ended')),
    cases integer not null,
    added integer not null,
    last_case date,                         -- null: ended
    became text,                            -- the set that it went into, if it is no more
    primary key (set_id, run_date)
);

create table identified.contact (
    contact_id uuid primary key,
    authority text not null,                -- who follows up
    case_key uuid not null,                 -- who named them
    case_authority text not null,
    person_key uuid,                        -- if they are or became a person of the record
    became_case uuid,
    family_name text,
    given_name text,
    date_of_birth date,
    phone text,
    email text,
    address text,
    postcode text,
    kind text not null check (kind in ('household', 'setting', 'visit', 'other')),
    setting_id bigint,                      -- of either authority: no foreign key across row-level security
    exposure_day date not null,
    state text not null,
    since timestamptz not null,             -- when the state began or was last checked
    due timestamptz,
    named_at timestamptz not null,
    named_by text not null,
    reached_at timestamptz,
    claimed_by text,
    claimed_until timestamptz,
    version integer not null default 1,
    check ((claimed_by is null) = (claimed_until is null))
);
create index on identified.contact (authority, due);
create index on identified.contact (case_key);
create index on identified.contact (person_key);
create table identified.contact_step (
    contact_id uuid not null references identified.contact,
    version integer not null,
    event text not null,
    state text not null,
    at timestamptz not null,
    by_name text not null,
    answers jsonb not null,                 -- of the script, by question; free text never leaves this shelf
    primary key (contact_id, version)
);
create trigger contact_step_only_grows before update or delete or truncate on identified.contact_step
    for each statement execute function decisions.refuse_change();

-- who may open what: an authority its own, a link that touches it, nothing else
do $$
declare shelf text;
begin
    foreach shelf in array array['setting', 'visit', 'membership', 'link', 'case_set', 'contact', 'contact_step'] loop
        execute format('alter table identified.%I enable row level security', shelf);
        execute format('alter table identified.%I force row level security', shelf);
        execute format('create policy deeds_%1$s on identified.%1$I to pumphandle_deeds using (true) with check (true)', shelf);
    end loop;
    foreach shelf in array array['setting', 'visit', 'contact'] loop
        execute format('create policy own_%1$s on identified.%1$I to pumphandle_console
            using (authority = nullif((select current_setting(''pumphandle.authority'', true)), ''''))
            with check (authority = nullif((select current_setting(''pumphandle.authority'', true)), ''''))', shelf);
    end loop;
    foreach shelf in array array['membership', 'case_set'] loop
        execute format('create policy own_%1$s on identified.%1$I for select to pumphandle_console
            using (authority = nullif((select current_setting(''pumphandle.authority'', true)), ''''))', shelf);
    end loop;
end $$;
create policy own_link on identified.link for select to pumphandle_console
    using (nullif((select current_setting('pumphandle.authority', true)), '') in (earlier_authority, later_authority));
create policy own_contact_step on identified.contact_step to pumphandle_console
    using (exists (select from identified.contact c where c.contact_id = contact_step.contact_id))
    with check (exists (select from identified.contact c where c.contact_id = contact_step.contact_id));

grant select, insert, update, delete on identified.setting, identified.visit, identified.membership, identified.link,
    identified.case_set, identified.set_state, identified.contact, identified.contact_step to pumphandle_deeds;
grant select, insert, update on identified.setting, identified.visit, identified.contact to pumphandle_console;
grant select, insert on identified.contact_step to pumphandle_console;
grant select on identified.membership, identified.link, identified.case_set, identified.set_state to pumphandle_console;

alter table decisions.run_step drop constraint run_step_step_check;
alter table decisions.run_step add constraint run_step_step_check
    check (step in ('receive', 'link', 'deliver', 'detect', 'trace', 'publish'));
