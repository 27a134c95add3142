-- How long it is kept who a contact was: a number of its own, in houses that chose their numbers before it was asked for.
insert into decisions.threshold (name, version, value, chooser, chosen_on, reason)
select 'contact_keep_days', 1, '28'::jsonb, chooser, chosen_on,
    'Two isolations: whoever falls ill late is still known; who did not has no longer to be.'
from decisions.threshold where name = 'isolation_days' and version = 1;
