-- Who enters results, and the machines that fetch sealed packages, read no record: in the database too.
create function decisions.reads_records() returns boolean language sql stable as
    $$ select coalesce(current_setting('pumphandle.role', true), '') not in ('entry', 'receiver') $$;
drop policy own_record on identified.record;
create policy own_record on identified.record for select to pumphandle_console
    using (district = (select decisions.own_authority()) and (select decisions.shares())
        and (select decisions.reads_records()));
drop policy own_episode on identified.episode;
create policy own_episode on identified.episode for select to pumphandle_console
    using (district = (select decisions.own_authority()) and (select decisions.shares())
        and (select decisions.reads_records()));
