-- A district's last pool is looked for each day for each of its areas: without this the whole history would be read.
create index ledger_pools on published.ledger (node, measure, last_day) where level = 'pool';
