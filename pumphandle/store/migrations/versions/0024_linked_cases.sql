-- A signal may be about a place that its cases name.
alter table decisions.signal drop constraint signal_level_check;
alter table decisions.signal
    add constraint signal_level_check check (level in ('postcode', 'place', 'small_area', 'district'));
