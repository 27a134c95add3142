-- A made-up nation of seven small areas with ten releases, small enough to check by hand.
-- A1+A2 are published together; A7 is not published. The ledger begins on 1 June 2020; the newest release is of 10 June.
insert into reference.nation (code, name, vintage, time_zone, identifier, identifier_name, postcode_pattern, level_names,
                              attribution, folder, picture)
values ('NAT', 'Testland', '2020', 'Europe/London', 'nhs_number', 'NHS number', '^[A-Z]{2}[0-9]{2}$',
        '{"small_area": ["Parish", "Parishes"], "district": ["Shire", "Shires"], "region": ["Province", "Provinces"]}',
        'Invented.', '/nowhere', '{"view_box": "0 0 400 200", "west": 0, "north": 0, "across": 1, "up": 1, "coordinates": "plane"}');
insert into reference.area (area_code, level, name, parent, population, vintage) values
    ('NAT', 'nation', 'Testland', null, 16700, '2020'),
    ('R1', 'region', 'East Province', 'NAT', 10700, '2020'),
    ('R2', 'region', 'West Province', 'NAT', 6000, '2020'),
    ('D1', 'district', 'Alder', 'R1', 2700, '2020'),
    ('D2', 'district', 'Birch', 'R1', 8000, '2020'),
    ('D3', 'district', 'Cedar', 'R2', 6000, '2020'),
    ('A1', 'small_area', 'Ashby', 'D1', 400, '2020'),
    ('A2', 'small_area', 'Beeston', 'D1', 300, '2020'),
    ('A3', 'small_area', 'Colby <North>', 'D1', 2000, '2020'),
    ('A4', 'small_area', 'Denby', 'D2', 4000, '2020'),
    ('A5', 'small_area', 'Eastby', 'D2', 4000, '2020'),
    ('A6', 'small_area', 'Fenby', 'D3', 3000, '2020'),
    ('A7', 'small_area', 'Grimsby', 'D3', 3000, '2020');
insert into reference.publication_node values
    ('A1', 'A1', 1), ('A2', 'A1', 1), ('A3', 'A3', 1), ('A4', 'A4', 1), ('A5', 'A5', 1), ('A6', 'A6', 1);
insert into reference.postcode values ('AA11', 'A1', '2020'), ('AA12', 'A2', '2020'), ('AA13', 'A3', '2020'), ('BB21', 'A4', '2020');
insert into reference.boundary
select area_code, jsonb_build_object('type', 'Polygon', 'coordinates', jsonb_build_array(jsonb_build_array(
           jsonb_build_array(x, y), jsonb_build_array(x + 100, y), jsonb_build_array(x + 100, y + 100),
           jsonb_build_array(x, y + 100), jsonb_build_array(x, y)))),
       format('M%s %sl100 0 0 100-100 0z', x, y)
from (values ('A1', 0, 0), ('A2', 100, 0), ('A3', 200, 0), ('A4', 300, 0), ('A5', 0, 100), ('A6', 100, 100), ('A7', 200, 100),
             ('D1', 0, 0), ('D2', 100, 0), ('D3', 200, 0), ('R1', 0, 0), ('R2', 100, 0)) as square(area_code, x, y);
insert into reference.neighbour values ('A1', 'A2'), ('A2', 'A1'), ('A2', 'A3'), ('A3', 'A2'), ('A3', 'A4'), ('A4', 'A3');

insert into published.release
select day::date::text, n, day::date, day + interval '8 hours', 0,
       '{"k_persons": 5, "h_households": 2, "population_floor": 500, "versions": {"k_persons": 1}}'::jsonb,
       '{"blocks": 3, "narrowest_interval": 4, "method": "by hand"}'::jsonb,
       jsonb_build_object('release_id', day::date::text, 'sequence', n, 'ledger_start', '2020-06-01'),
       case when n = 1 then '' else encode(sha256((n - 1)::text::bytea), 'hex') end, encode(sha256(n::text::bytea), 'hex')
from generate_series(timestamp '2020-06-01', '2020-06-10', '1 day') with ordinality as days(day, n);

insert into published.ledger (block_id, release_id, node, level, measure, group_code, first_day, last_day, value, kind)
select row_number() over (order by last_day, measure, node), last_day, node,
       case when node like 'D%' then 'district' else 'small_area' end, measure, 'all', first_day::date, last_day::date, value, 'exact'
from (
    select * from (values
        ('A1', 'cases', '2020-06-01', '2020-06-04', 6),
        ('A5', 'cases', '2020-06-01', '2020-06-09', 7),
        ('A1', 'tests', '2020-06-01', '2020-06-10', 40),
        ('A4', 'tests', '2020-06-01', '2020-06-05', 50),
        ('A4', 'tests', '2020-06-06', '2020-06-10', 60),
        ('A5', 'tests', '2020-06-01', '2020-06-10', 70),
        ('D1', 'cases_withdrawn', '2020-06-01', '2020-06-08', 5)) as listed(node, measure, first_day, last_day, value)
    union all
    select 'A3', measure, day::date::text, day::date::text, value
    from generate_series(timestamp '2020-06-01', '2020-06-10', '1 day') as days(day),
         (values ('cases', 12), ('tests', 200)) as daily(measure, value)
) as windows;
