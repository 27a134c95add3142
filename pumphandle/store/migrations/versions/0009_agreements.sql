-- An agreement an authority, every step timed; without an active one no record is shown or delivered.
create table decisions.agreement (
    authority text primary key,
    state text not null check (state in
        ('OFFERED', 'NAMED_USER_PROPOSED', 'SIGNED', 'ACTIVE', 'SUSPENDED', 'EXPIRED')),
    since timestamptz not null,
    fields text[] not null,
    purpose text not null,
    legal_basis text not null,
    retention_days integer not null check (retention_days > 0),
    expires_on date not null,
    named_user text references decisions.account,
    signed_at timestamptz,
    signed_by text,
    notice text,                            -- of the statute under which an emergency activation stands
    signature_due date,
    check ((signed_at is null) = (signed_by is null)),
    check ((notice is null) = (signature_due is null)),
    check (state <> 'ACTIVE' or signed_at is not null or notice is not null)
);
create table decisions.agreement_step (
    step_id bigint generated always as identity primary key,
    authority text not null,
    step text not null,
    before text,
    after text not null,
    at timestamptz not null,
    by_name text not null,
    by_role text not null,
    reason text not null
);
create index on decisions.agreement_step (authority, step_id);
create trigger agreement_step_only_grows before update or delete or truncate on decisions.agreement_step
    for each statement execute function decisions.refuse_change();

-- what the console may ask about: its own authority, or everything for roles that look after all of them
create function decisions.own_authority() returns text language sql stable as
    $$ select nullif(current_setting('pumphandle.authority', true), '') $$;
create function decisions.looks_after_all() returns boolean language sql stable as
    $$ select coalesce(current_setting('pumphandle.role', true), '') in ('steward', 'national', 'auditor') $$;
alter table decisions.agreement enable row level security;
alter table decisions.agreement force row level security;
alter table decisions.agreement_step enable row level security;
alter table decisions.agreement_step force row level security;
create policy deeds_agreement on decisions.agreement to pumphandle_deeds using (true) with check (true);
create policy deeds_agreement_step on decisions.agreement_step to pumphandle_deeds using (true) with check (true);
create policy own_agreement on decisions.agreement to pumphandle_console
    using (authority = (select decisions.own_authority()) or (select decisions.looks_after_all()))
    with check (authority = (select decisions.own_authority()) or (select decisions.looks_after_all()));
create policy own_agreement_step on decisions.agreement_step to pumphandle_console
    using (authority = (select decisions.own_authority()) or (select decisions.looks_after_all()))
    with check (authority = (select decisions.own_authority()) or (select decisions.looks_after_all()));
grant select, insert, update, delete on decisions.agreement, decisions.agreement_step to pumphandle_deeds;
grant select, insert, update on decisions.agreement to pumphandle_console;
grant select, insert on decisions.agreement_step to pumphandle_console;

-- no active agreement, no record: in the database too
create function decisions.shares() returns boolean language sql stable as $$
    select exists (select from decisions.agreement
        where authority = decisions.own_authority() and state = 'ACTIVE')
$$;
drop policy own_record on identified.record;
create policy own_record on identified.record for select to pumphandle_console
    using (district = (select decisions.own_authority()) and (select decisions.shares()));
drop policy own_episode on identified.episode;
create policy own_episode on identified.episode for select to pumphandle_console
    using (district = (select decisions.own_authority()) and (select decisions.shares()));

alter table identified.delivery add column with_records boolean not null default true;

-- what an agreement and a role allow to be shown, decided here and not in the pages
create function decisions.shows(field text) returns boolean language sql stable as $$
    select exists (select from decisions.agreement
            where authority = decisions.own_authority() and state = 'ACTIVE' and field = any (fields))
        and (field not in ('national_id', 'family_name', 'given_name', 'date_of_birth', 'address', 'phone',
                'workplace', 'workplace_postcode')
            or coalesce(current_setting('pumphandle.role', true), '') in ('director', 'tracer'))
$$;
create view identified.shown_record with (security_invoker = true) as select
    record_key, version, kind, person_key, household_key, age_band, specimen_date, report_date, pathogen, result,
    placement, district, responsible_authority, linked_on,
    case when (select decisions.shows('laboratory')) then laboratory else 'withheld' end as laboratory,
    case when (select decisions.shows('specimen_id')) then specimen_id else 'withheld' end as specimen_id,
    case when (select decisions.shows('sex')) then sex else 'withheld' end as sex,
    case when (select decisions.shows('national_id')) then national_id end as national_id,
    case when (select decisions.shows('family_name')) then family_name end as family_name,
    case when (select decisions.shows('given_name')) then given_name end as given_name,
    case when (select decisions.shows('date_of_birth')) then date_of_birth end as date_of_birth,
    case when (select decisions.shows('address')) then address end as address,
    case when (select decisions.shows('postcode')) then postcode end as postcode,
    case when (select decisions.shows('phone')) then phone end as phone,
    case when (select decisions.shows('small_area')) then small_area end as small_area,
    case when (select decisions.shows('test_site')) then test_site end as test_site,
    case when (select decisions.shows('test_site_postcode')) then test_site_postcode end as test_site_postcode,
    case when (select decisions.shows('workplace')) then workplace end as workplace,
    case when (select decisions.shows('workplace_postcode')) then workplace_postcode end as workplace_postcode,
    case when (select decisions.shows('setting_kind')) then setting_kind end as setting_kind
from identified.record;
grant select on identified.shown_record to pumphandle_console, pumphandle_deeds;

-- what a package holds
alter table decisions.recipient add column formats text[] not null default '{csv,parquet}';
create table identified.full_state_request (
    authority text primary key,
    asked_at timestamptz not null,
    asked_by text not null
);
comment on table identified.full_state_request is 'The next package holds everything that stands; the row goes with it.';
alter table identified.full_state_request enable row level security;
alter table identified.full_state_request force row level security;
create policy deeds_full_state on identified.full_state_request to pumphandle_deeds using (true) with check (true);
create policy own_full_state on identified.full_state_request to pumphandle_console
    using (authority = (select decisions.own_authority())) with check (authority = (select decisions.own_authority()));
grant select, insert, update, delete on identified.full_state_request to pumphandle_deeds;
grant select, insert on identified.full_state_request to pumphandle_console;
