-- Ways to receive: where packages are put, what waits to be put there, and machines that fetch them.
create table decisions.receiver (
    authority text not null,
    name text not null,
    kind text not null check (kind in ('folder', 'sftp', 'bucket')),
    address jsonb not null,                 -- no secret: those lie in files of the keys folder
    added_at timestamptz not null,
    added_by text not null,
    primary key (authority, name)
);
create table identified.outbox (
    authority text not null,
    delivery_date date not null,
    receiver text not null,
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'dead')),
    attempts integer not null default 0,
    next_at timestamptz not null,
    fault text,                             -- of the last attempt: a code, never an answer of the other side
    sent_at timestamptz,
    primary key (authority, delivery_date, receiver),
    foreign key (authority, delivery_date) references identified.delivery,
    foreign key (authority, receiver) references decisions.receiver,
    check ((state = 'sent') = (sent_at is not null))
);
create index on identified.outbox (next_at) where state = 'waiting';
create table decisions.machine (
    client_id text primary key,
    authority text not null,
    public_jwk jsonb not null,
    added_at timestamptz not null,
    added_by text not null,
    disabled_at timestamptz
);
create table decisions.machine_token (
    token_hash text primary key,
    client_id text not null references decisions.machine,
    expires_at timestamptz not null
);
create table decisions.machine_assertion (
    client_id text not null,
    jti text not null,
    expires_at timestamptz not null,
    primary key (client_id, jti)
);
comment on table decisions.machine_assertion is 'Each signed assertion is good once.';

alter table identified.outbox enable row level security;
alter table identified.outbox force row level security;
create policy deeds_outbox on identified.outbox to pumphandle_deeds using (true) with check (true);
create policy own_outbox on identified.outbox for select to pumphandle_console
    using (authority = (select decisions.own_authority()) or (select decisions.looks_after_all()));
grant select, insert, update, delete on decisions.receiver, identified.outbox, decisions.machine,
    decisions.machine_token, decisions.machine_assertion to pumphandle_deeds;
grant select on identified.outbox, decisions.machine to pumphandle_console;
grant select, insert, delete on decisions.machine_token, decisions.machine_assertion to pumphandle_console;
