-- How useful each release was. Not on the published shelf: these are exact sums over people who wait, and beside the
-- ledger they would tell how many wait in the nation, which can be 1 to 4.
create table decisions.usefulness (
    release_id text not null references published.release,
    as_of date not null,
    measure text not null,
    out_0 double precision,                 -- share of records that were out on the day they came; null: none came
    out_3 double precision,
    out_7 double precision,
    out_14 double precision,
    window_days double precision,
    windows integer not null,
    error double precision,
    error_settled double precision,
    seven_days double precision,
    held_back double precision,
    narrowest_interval integer,             -- of the release's certificate
    primary key (release_id, measure)
);
create index on decisions.usefulness (measure, as_of);
grant select, insert, update on decisions.usefulness to pumphandle_deeds;
grant select on decisions.usefulness to pumphandle_console;
