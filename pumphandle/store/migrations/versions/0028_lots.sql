-- Windows of whole districts rest by lot on some days. What the lots are drawn with stays on the inner shelf for ever:
-- whoever knew it could tell a window that rested from one that was held back.
create table events.lots (
    one boolean primary key default true check (one),
    secret bytea not null check (length(secret) >= 16)
);
insert into events.lots (secret)
select decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');
create trigger lots_stay before update or delete or truncate on events.lots
    for each statement execute function decisions.refuse_change();
grant select on events.lots to pumphandle_deeds;
insert into decisions.threshold (name, version, value, chooser, chosen_on, reason)
select 'rest_percent', 1, '10'::jsonb, chooser, chosen_on, 'One day in ten; chosen when windows of districts began to rest.'
from decisions.threshold where name = 'k_persons' and version = 1;
