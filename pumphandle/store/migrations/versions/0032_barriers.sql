-- What parts places that lie near each other, for maps: rivers, railways, motorways.
create table reference.barrier (
    barrier integer primary key,            -- its place in the nation's file
    kind text not null check (kind <> ''),
    name text not null,
    geometry jsonb not null,                -- GeoJSON LineString or MultiLineString, as the boundaries are
    west double precision not null,
    south double precision not null,
    east double precision not null,
    north double precision not null
);
grant select, insert, delete on reference.barrier to pumphandle_deeds;
grant select on reference.barrier to pumphandle_console, pumphandle_public;
