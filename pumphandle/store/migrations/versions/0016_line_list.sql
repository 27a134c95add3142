-- What a team makes of the line list: views that are kept, and copies that are asked for.

create table decisions.saved_view (
    view_id bigint generated always as identity primary key,
    authority text not null,
    user_name text not null,
    name text not null,
    question jsonb not null,                -- as it stands in an address: filters, columns, order; never a search
    shared boolean not null,
    made_at timestamptz not null,
    unique (user_name, name),
    check (not question ? 'search')
);
create table decisions.export (
    export_id text primary key,             -- stands in every row of the copy
    authority text not null,
    form text not null check (form in ('line list', 'go.data', 'fhir')),
    question jsonb not null,
    columns text[] not null,
    reason text not null,
    asked_by text not null,
    asked_at timestamptz not null,
    expires_at timestamptz not null,
    state text not null check (state in ('asked', 'allowed', 'refused')),
    decided_by text,
    decided_at timestamptz,
    decision text,
    fetched integer not null,
    records integer,                        -- of the last copy; null: none was fetched
    check (not question ? 'search'),
    check ((decided_by is null) = (decided_at is null))
);
create index on decisions.export (authority, asked_at);

do $$
declare shelf text;
begin
    foreach shelf in array array['saved_view', 'export'] loop
        execute format('alter table decisions.%I enable row level security', shelf);
        execute format('alter table decisions.%I force row level security', shelf);
        execute format('create policy deeds_%1$s on decisions.%1$I to pumphandle_deeds using (true) with check (true)', shelf);
        execute format('create policy own_%1$s on decisions.%1$I to pumphandle_console
            using (authority = (select decisions.own_authority())) with check (authority = (select decisions.own_authority()))', shelf);
    end loop;
end $$;
grant select, insert, update, delete on decisions.saved_view, decisions.export to pumphandle_deeds;
grant select, insert, update, delete on decisions.saved_view to pumphandle_console;
grant select, insert on decisions.export to pumphandle_console;
grant update (state, decision, decided_by, decided_at, fetched, records) on decisions.export to pumphandle_console;

-- the morning page asks when somebody last looked
create index on decisions.audit (by_name, audit_id) where deed = 'look_today';

-- a line list of 150,000 records sorted by arrival or place begins without sorting them all
create index on identified.record (district, report_date);
