-- An event's file must be there, and stay. A foreign key asks this of every line of a file by itself, which cost a quarter
-- of adding them; here it is asked once of all that are added together. Files only grow, as events do.
create function identified.refuse_event_of_no_file() returns trigger language plpgsql as $$
begin
    if exists (select from (select distinct file_id from added where file_id is not null) named
               where not exists (select from identified.file f where f.file_id = named.file_id)) then
        raise foreign_key_violation using message = 'an event names a file that is not there',
            schema = 'identified', table = 'event', constraint = 'event_of_a_known_file';
    end if;
    return null;
end $$;
alter table identified.event drop constraint event_file_id_fkey;
create trigger event_of_a_known_file after insert on identified.event referencing new table as added
    for each statement execute function identified.refuse_event_of_no_file();
create trigger file_only_grows before update of file_id or delete or truncate on identified.file
    for each statement execute function decisions.refuse_change();
