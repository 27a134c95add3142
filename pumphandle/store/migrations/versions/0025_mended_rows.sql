-- Rows by role, mended: what a hard look at them found.

-- "Not one of ours" hides a record until it was linked again with what came after the word: not only until it was sent on
create or replace function identified.said_not_ours() returns setof uuid language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    select m.record_key from identified.misroute m left join identified.record r using (record_key)
    where m.from_authority = decisions.own_authority()
        and (m.sent_on is null or r.linked_on < m.sent_on or r.kind = 'retracted')
$$;
create index on identified.misroute (from_authority);

-- who has said so of a record is known to those who had it; whoever has it now may ask, or it would go in a circle
create function identified.refused_by(asked uuid, authority text) returns boolean language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    select exists (select from identified.misroute m where m.record_key = asked and m.from_authority = refused_by.authority)
        and exists (select from identified.record r where r.record_key = asked and r.district = decisions.own_authority())
        and decisions.acts_as('director', 'tracer')
$$;
comment on function identified.refused_by is
    'Whether an authority said of a record, which is the asker''s now, that it is not theirs. By the owner: a loop over
three is seen by none of them.';
revoke execute on function identified.refused_by from public;
grant execute on function identified.refused_by to pumphandle_console;

-- where a loop ends: the national centre, until a steward places the record
alter table identified.misroute alter to_authority drop not null;
comment on column identified.misroute.to_authority is
    'Null: whoever it could go to had said so too; it is with the national centre until a steward places it.';
create index on identified.misroute (said_at) where to_authority is null and sent_on is null;
