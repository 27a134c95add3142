-- Where a postcode lies, in the coordinates of the nation's file (nation.picture: postcode_coordinates); null: not given.
alter table reference.postcode add column point_x double precision, add column point_y double precision;
alter table reference.postcode add check ((point_x is null) = (point_y is null));
