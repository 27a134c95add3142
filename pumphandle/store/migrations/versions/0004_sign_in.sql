-- Sign-in in two steps, with a purpose that every audit row carries; more roles.
alter table decisions.account drop constraint account_role_check;
alter table decisions.account drop constraint account_check;
alter table decisions.account add constraint account_role_check check (
    role in ('director', 'analyst', 'tracer', 'entry', 'steward', 'national', 'reviewer', 'auditor'));
alter table decisions.account add constraint local_roles_serve_one check (
    (role in ('director', 'analyst', 'tracer', 'entry')) = (authority is not null));

create table decisions.second_factor (
    user_name text primary key references decisions.account,
    sealed_secret bytea not null,           -- under the house's second-factor key
    added_at timestamptz not null,
    confirmed_at timestamptz,               -- null: shown, not yet proved
    last_step bigint                        -- of the last code used: each is good once
);
grant select, insert, update on decisions.second_factor to pumphandle_console;
grant select, insert, update, delete on decisions.second_factor to pumphandle_deeds;

delete from decisions.session;
alter table decisions.session
    add column stage text not null default 'code' check (stage in ('code', 'purpose', 'open')),
    add column purpose text,
    add constraint an_open_visit_has_a_purpose check ((stage = 'open') = (purpose is not null));
alter table decisions.sign_in_attempt
    add column step text not null default 'code' check (step in ('password', 'code'));

-- the chain goes on: rows without a purpose hash as they did
alter table decisions.audit add column purpose text;
create or replace function decisions.audit_hash(entry decisions.audit) returns text language sql stable as $$
    select encode(sha256(convert_to((jsonb_build_array(
        entry.audit_id, entry.previous_hash, extract(epoch from entry.at), entry.by_name, entry.by_role,
        entry.authority, entry.deed, entry.subject)
        || case when entry.purpose is null then '[]'::jsonb else jsonb_build_array(entry.purpose) end)::text,
        'UTF8')), 'hex')
$$;
