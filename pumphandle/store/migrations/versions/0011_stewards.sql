-- What a steward sees and mends; whom a laboratory's results are about; records by postcode, for new vintages.
create table decisions.feed_reach (
    laboratory text not null,
    report_date date not null,
    district text not null,
    line_count integer not null,
    primary key (laboratory, report_date, district)
);
create index on identified.record (postcode);
create index on identified.mending (mended_file_id);

alter table identified.quarantine enable row level security;
alter table identified.quarantine force row level security;
alter table identified.mending enable row level security;
alter table identified.mending force row level security;
alter table identified.mend_request enable row level security;
alter table identified.mend_request force row level security;
create policy deeds_quarantine on identified.quarantine to pumphandle_deeds using (true) with check (true);
create policy deeds_mending on identified.mending to pumphandle_deeds using (true) with check (true);
create policy deeds_mend_request on identified.mend_request to pumphandle_deeds using (true) with check (true);
create policy steward_quarantine on identified.quarantine for select to pumphandle_console
    using ((select current_setting('pumphandle.role', true)) = 'steward');
create policy steward_mending on identified.mending for select to pumphandle_console
    using ((select current_setting('pumphandle.role', true)) = 'steward');
create policy steward_mend_request on identified.mend_request to pumphandle_console
    using ((select current_setting('pumphandle.role', true)) = 'steward')
    with check ((select current_setting('pumphandle.role', true)) = 'steward');
grant select on identified.quarantine, identified.mending, identified.file to pumphandle_console;
grant select, insert on identified.mend_request to pumphandle_console;
grant select, insert, update, delete on decisions.feed_reach to pumphandle_deeds;
