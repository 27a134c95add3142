-- Passkeys of local accounts, and challenges that are good once.
create table decisions.passkey (
    credential_id bytea primary key check (octet_length(credential_id) between 1 and 1023),
    user_name text not null references decisions.account,
    name text not null check (length(name) between 1 and 40),
    public_key bytea not null,
    sign_count bigint not null,
    added_at timestamptz not null,
    last_used_at timestamptz,
    stopped_at timestamptz                  -- its counter went back: there may be a copy of it
);
create index on decisions.passkey (user_name);
-- a secret that was shown at the first sign-in goes when a passkey is made instead
grant delete on decisions.second_factor to pumphandle_console;
grant select, insert, update, delete on decisions.passkey to pumphandle_console, pumphandle_deeds;

create table decisions.passkey_challenge (
    challenge_hash text primary key,
    holder text not null,                   -- hash of the session's token, or of the sign-in form's
    kind text not null check (kind in ('register', 'second', 'alone')),
    expires_at timestamptz not null
);
create index on decisions.passkey_challenge (expires_at);
grant select, insert, delete on decisions.passkey_challenge to pumphandle_console, pumphandle_deeds;
