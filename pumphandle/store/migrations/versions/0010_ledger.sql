alter table events.pending rename to waiting;
alter table events.waiting add column district text not null default '';
alter table events.waiting add column heads bigint not null default 0 check (heads in (0, 1));
alter table events.waiting add column closed boolean not null default false;
alter table events.waiting drop constraint pending_pkey;
alter table events.waiting add primary key (node, measure, contribution, closed);
alter table events.waiting alter column district drop default;
comment on table events.waiting is
    'What waits in open windows, and (closed) what a derivable group could still hold: few rows a node, by design.';
create table events.district_memory (
    district text primary key,
    memory jsonb not null                   -- small counts and person keys: for the deeds alone
);
comment on table events.district_memory is 'What planner and attacker remember of each district between days.';
grant select, insert, update, delete on events.district_memory to pumphandle_deeds;

alter table published.ledger add column waited boolean not null default false;
comment on column published.ledger.waited is
    'The window could have closed on an earlier day: its days before the last may hold more than k - 1.';
alter table published.ledger add column members text check ((members is null) = (level <> 'pool'));
comment on column published.ledger.members is
    'Of a pool: node:first_day of every window that closed together in it, ended on its last_day; blanks between.';
create table published.withheld (
    as_of date primary key,
    stage text not null,                    -- where it stopped: decide, audit, certify
    reason text not null,
    at timestamptz not null
);
comment on table published.withheld is 'Days on which nothing went out, and why. Yesterday''s ledger stands.';
create trigger withheld_only_grows before update or delete or truncate on published.withheld
    for each statement execute function decisions.refuse_change();
grant select, insert on published.withheld to pumphandle_deeds;
grant select on published.withheld to pumphandle_console, pumphandle_public;
insert into decisions.threshold (name, version, value, chooser, chosen_on, reason)
select 'pool_days', 1, '28'::jsonb, chooser, chosen_on, 'Four weeks; chosen when windows began to close together.'
from decisions.threshold where name = 'k_persons' and version = 1;
