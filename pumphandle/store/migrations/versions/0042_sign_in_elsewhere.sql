-- Sign-in through an identity provider: who is who there, and questions that wait for one answer.
create table decisions.outside_identity (
    issuer text not null,
    subject text not null check (length(subject) between 1 and 255),
    user_name text not null references decisions.account,
    bound_at timestamptz not null,
    bound_by text not null,
    primary key (issuer, subject),          -- one person there is one account here
    unique (user_name, issuer)
);
grant select on decisions.outside_identity to pumphandle_console;
grant select, insert, delete on decisions.outside_identity to pumphandle_deeds;

-- Nothing in it opens anything: the browser alone holds what state, nonce and verifier are made from.
create table decisions.outside_question (
    state_hash text primary key,
    provider text not null,
    expires_at timestamptz not null
);
create index on decisions.outside_question (expires_at);
grant select, insert, delete on decisions.outside_question to pumphandle_console, pumphandle_deeds;

alter table decisions.session add column provider text;
alter table decisions.sign_in_attempt drop constraint sign_in_attempt_step_check;
alter table decisions.sign_in_attempt add constraint sign_in_attempt_step_check
    check (step in ('password', 'provider', 'passkey', 'code'));
