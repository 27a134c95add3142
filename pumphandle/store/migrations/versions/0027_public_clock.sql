-- The receipt clock for everybody: one row a day's run, and its legs for each authority and the nation. Packages are
-- counted, never records; times are whole hours. Written once with the run, and never worked out again.
create table published.delivery_clock (
    as_of date primary key,                 -- the last day that it is about
    first_day date not null,
    days integer not null check (days > 0), -- days that were delivered
    result_median_days integer,             -- specimen to available, of the whole nation; null: too few results to say
    result_p95_days integer,
    written_at timestamptz not null,
    check (first_day <= as_of)
);
create table published.delivery_leg (
    as_of date not null references published.delivery_clock,
    area_code text not null,                -- an authority, or the nation
    stage text not null check (stage in ('routed', 'available', 'opened', 'acknowledged')),
    no_package integer not null check (no_package >= 0),
    packages integer not null,              -- that came to this leg
    done integer not null,
    same_day integer not null,              -- done on the day that the package is about
    in_time integer not null,
    waiting integer not null,               -- not done, not late yet
    late integer not null,                  -- not done, later than it may be
    median_hours integer,                   -- null: nothing to say, or it falls on a package that is late
    p95_hours integer,
    primary key (as_of, area_code, stage),
    check (packages = done + waiting + late and in_time <= done and same_day <= done)
);
create trigger delivery_clock_only_grows before update or delete or truncate on published.delivery_clock
    for each statement execute function decisions.refuse_change();
create trigger delivery_leg_only_grows before update or delete or truncate on published.delivery_leg
    for each statement execute function decisions.refuse_change();
grant select, insert on published.delivery_clock, published.delivery_leg to pumphandle_deeds;
grant select on published.delivery_clock, published.delivery_leg to pumphandle_console, pumphandle_public;
