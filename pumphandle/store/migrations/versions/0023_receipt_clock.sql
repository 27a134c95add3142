-- The receipt clock: every leg from the laboratory's file to the director's acknowledgement, and times that only go forward.
alter table identified.receipt drop constraint receipt_stage_check;
alter table identified.receipt add constraint receipt_stage_check
    check (stage in ('received', 'routed', 'available', 'opened', 'acknowledged'));
create function identified.stage_place(stage text) returns integer language sql immutable as
    $$ select array_position(array['received', 'routed', 'available', 'opened', 'acknowledged'], stage) $$;
create function identified.receipts_go_forward() returns trigger language plpgsql as $$
begin
    if exists (select from identified.receipt r
            where (r.authority, r.delivery_date) = (new.authority, new.delivery_date)
            and (identified.stage_place(r.stage) - identified.stage_place(new.stage))
                * sign(extract(epoch from r.at - new.at)) < 0) then
        raise exception 'a receipt cannot be earlier than the one before it'
            using errcode = 'check_violation', schema = 'identified', table = 'receipt';
    end if;
    return new;
end $$;
create trigger receipts_go_forward before insert on identified.receipt
    for each row execute function identified.receipts_go_forward();
create trigger receipt_only_grows before update or delete or truncate on identified.receipt
    for each statement execute function decisions.refuse_change();

-- the board of the nation: that there is a package and when, never what is in it
drop policy own_receipt on identified.receipt;
create policy own_receipt on identified.receipt for select to pumphandle_console using (
    authority = (select decisions.own_authority()) and (select decisions.acts_as('director', 'analyst', 'tracer', 'receiver'))
    or (select decisions.looks_after_all()));
