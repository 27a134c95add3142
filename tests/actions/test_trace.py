"""Links and sets follow every day's news, corrections and withdrawals too; both authorities see a link."""

from collections.abc import Callable
from datetime import date, timedelta

import psycopg
import pytest

from tests.actions.conftest import House
from tests.conftest import DatabaseUrls

DAY = date(2020, 7, 1)
Line = Callable[..., str]


@pytest.fixture
def ask(database_urls: DatabaseUrls) -> Callable[[str], list[tuple[object, ...]]]:
    def rows(query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(database_urls.owner) as connection:
            return connection.execute(query.encode()).fetchall()

    return rows


LINKS = (
    "select l.kind, a.specimen_id, b.specimen_id, l.days_apart from identified.link l"
    " join identified.record a on a.record_key = l.earlier join identified.record b on b.record_key = l.later"
    " order by 1, 2, 3"
)
SETS = "select state, cases, added from identified.set_state where run_date = '{}' order by 1"


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def test_a_household_is_linked_and_its_set_grows_and_rests(
    house: House, line: Line, ask: Callable[[str], list[tuple[object, ...]]]
) -> None:
    home = {"address": "7 Mill Lane"}
    house.put(DAY, line(1, DAY, **home), line(2, DAY, **home), line(3, DAY), line(4, DAY, result="NEG", **home))
    told = house.run(DAY)["trace"].summary
    assert ask(LINKS) == [("building", "S1", "S2", 0), ("household", "S1", "S2", 0)]
    assert (told["sets"], told["new"], told["growing"]) == (1, 1, 0)
    house.put(on(1), line(5, on(1), **home))
    house.run(on(1))
    assert ask(SETS.format(on(1))) == [("growing", 3, 1)]
    house.put(on(2), line(6, on(2)))
    house.run(on(2))
    assert ask(SETS.format(on(2))) == [("stable", 3, 0)]
    house.run(on(9))
    assert ask(SETS.format(on(9))) == [("closing", 3, 0)]


def test_a_withdrawn_case_leaves_and_the_chain_closes_over_it(
    house: House, line: Line, ask: Callable[[str], list[tuple[object, ...]]]
) -> None:
    home = {"address": "7 Mill Lane"}
    house.put(DAY, line(1, DAY, **home), line(2, on(-5), **home), line(3, on(-10), **home))
    house.run(DAY)
    assert [row[1:3] for row in ask(LINKS) if row[0] == "household"] == [("S2", "S1"), ("S3", "S2")]
    house.put(on(1), line(2, on(-5), state="X", **home))
    house.run(on(1))
    assert [row[1:] for row in ask(LINKS) if row[0] == "household"] == [("S3", "S1", 10)]
    house.put(on(2), line(3, on(-10), state="X", **home))
    house.run(on(2))
    assert ask(LINKS) == []
    assert ask(SETS.format(on(2))) == [("ended", 0, 0)]


def test_a_corrected_address_moves_a_case_to_its_other_household(
    house: House, line: Line, ask: Callable[[str], list[tuple[object, ...]]]
) -> None:
    house.put(
        DAY,
        line(1, DAY, address="7 Mill Lane"),
        line(2, DAY, address="8 Mill Lane"),
        line(3, DAY, address="7 Mill Lane"),
    )
    house.run(DAY)
    house.put(on(1), line(3, DAY, address="8 Mill Lane", state="C"))
    house.run(on(1))
    assert [row[1:3] for row in ask(LINKS) if row[0] == "household"] in ([("S2", "S3")], [("S3", "S2")])


def test_people_of_two_authorities_who_were_at_one_place_are_linked(
    house: House, line: Line, ask: Callable[[str], list[tuple[object, ...]]], database_urls: DatabaseUrls
) -> None:
    house.put(DAY, line(1, DAY, area="A"), line(2, DAY, area="C"))
    house.run(DAY)
    with psycopg.connect(database_urls.deeds) as connection:
        connection.execute(
            "insert into identified.visit"
            " (authority, person_key, case_key, day, postcode, setting_kind, source, added_at, added_by)"
            " select district, person_key, first_record, start_date, 'BB11BB', 'hospitality', 'interview', now(), 'T'"
            " from identified.episode"
        )
    house.run(on(1))
    assert [row[:3] for row in ask(LINKS)] in ([("same_place", "S1", "S2")], [("same_place", "S2", "S1")])
    for authority, links, members in (("D1", 1, 1), ("D2", 1, 1), ("D9", 0, 0), ("", 0, 0)):
        with psycopg.connect(database_urls.console) as connection:
            connection.execute("select set_config('pumphandle.authority', %s, true)", [authority])
            assert connection.execute("select count(*) from identified.link").fetchone() == (0,)  # no role, no row
            connection.execute("select set_config('pumphandle.role', 'tracer', true)")
            assert connection.execute("select count(*) from identified.link").fetchone() == (links,)
            assert connection.execute("select count(*) from identified.case_set").fetchone() == (members,)


FLARES = "select state, cases, added from identified.flare_state where run_date = '{}' order by 1"


def test_a_set_and_a_cluster_that_share_a_case_are_one_flare_up_with_one_name(
    house: House, line: Line, ask: Callable[[str], list[tuple[object, ...]]], database_urls: DatabaseUrls
) -> None:
    home = {"address": "7 Mill Lane"}
    house.put(DAY, line(1, DAY, **home), line(2, DAY, **home), line(3, DAY), line(4, DAY))
    house.run(DAY)
    name = ask("select distinct flare_id from identified.flare_case")
    assert ask(FLARES.format(DAY)) == [("new", 2, 2)]
    with psycopg.connect(database_urls.deeds) as connection:
        connection.execute(
            "insert into decisions.cluster values ('K', 'sars_cov_2', 'D1', %s, %s, 'new', 2, %s, 2, 'raised', "
            "'director', now(), now())",
            [on(1), on(1), on(1)],
        )
        connection.execute(
            "insert into identified.cluster_case select 'K', record_key, district, %s, %s from identified.record "
            "where specimen_id in ('S2', 'S3')",
            [on(1), on(1)],
        )
    house.put(on(1))
    house.run(on(1))
    assert ask(FLARES.format(on(1))) == [("growing", 3, 1)]
    assert ask("select distinct flare_id from identified.flare_case") == name
    house.run(on(2))
    assert ask(FLARES.format(on(2))) == [("stable", 3, 0)], "nothing was added, nobody is told again"
    for authority, seen in (("D1", 3), ("D2", 0), ("", 0)):
        with psycopg.connect(database_urls.console) as connection:
            connection.execute("select set_config('pumphandle.authority', %s, true)", [authority])
            connection.execute("select set_config('pumphandle.role', 'tracer', true)")
            assert connection.execute("select count(*) from identified.flare_case").fetchone() == (seen,)


def test_a_flare_up_counts_a_cluster_s_cases_as_they_stand_now(
    house: House, line: Line, ask: Callable[[str], list[tuple[object, ...]]], database_urls: DatabaseUrls
) -> None:
    """A case that was withdrawn, one that lies elsewhere now, and a second record of a case that is there already."""
    one = {"surname": "Surname3", "born": "1943-04-04", "address": "3 Mill Lane"}
    house.put(DAY, line(1, DAY), line(2, DAY), line(3, DAY, **one), line(4, DAY, **one), line(5, DAY, result="NEG"))
    house.run(DAY)
    with psycopg.connect(database_urls.deeds) as connection:
        connection.execute(
            "insert into decisions.cluster values ('K', 'sars_cov_2', 'D1', %s, %s, 'new', 5, %s, 5, 'raised', "
            "'director', now(), now())",
            [on(1), on(1), on(1)],
        )
        connection.execute(
            "insert into identified.cluster_case select 'K', record_key, 'D1', %s, %s from identified.record",
            [on(1), on(1)],
        )
        connection.execute("update identified.episode set district = 'D2' where first_record = "
                           "(select record_key from identified.record where specimen_id = 'S2')")  # fmt: skip
    house.run(on(1))
    assert ask("select authority, count(*)::int from identified.flare_case group by 1 order by 1") == [
        ("D1", 2), ("D2", 1),
    ]  # fmt: skip


def test_a_contact_whose_own_result_comes_is_linked_to_who_named_them_and_no_longer_called(
    house: House, line: Line, ask: Callable[[str], list[tuple[object, ...]]], database_urls: DatabaseUrls
) -> None:
    house.put(DAY, line(1, DAY), line(9, DAY, result="NEG"))
    house.run(DAY)
    with psycopg.connect(database_urls.deeds) as connection:
        for number in (1, 2):
            connection.execute(
                "insert into identified.contact (contact_id, authority, case_key, case_authority, family_name, "
                "given_name, date_of_birth, kind, exposure_day, state, since, due, named_at, named_by) "
                "select %s::uuid, district, record_key, district, upper(%s), %s, %s, 'visit', %s, 'to_reach', now(), "
                "now(), now(), 'T' from identified.record where specimen_id = 'S1'",
                [f"00000000-0000-0000-0000-00000000000{number}", *_named(database_urls, number), DAY],
            )
    house.put(on(4), line(9, on(4), id="S10"))
    told = house.run(on(4))["trace"].summary
    assert told["became_cases"] == 1
    assert ("contact", "S1", "S10", 4) in ask(LINKS)
    states = "select state, due is null, became_case is not null from identified.contact order by contact_id"
    assert ask(states) == [("became_case", True, True), ("to_reach", False, False)]
    assert ask("select event from identified.contact_step") == [("become_case",)]
    house.run(on(5))
    assert ask("select count(*) from identified.contact_step") == [(1,)]


def _named(urls: DatabaseUrls, number: int) -> tuple[str, str, date]:
    """The first contact is the person of line 9; the second shares their names and was born on another day."""
    with psycopg.connect(urls.owner) as connection:
        row = connection.execute(
            "select family_name, given_name, date_of_birth from identified.record where specimen_id = 'S9'"
        ).fetchone()
    assert row is not None
    return row[0], row[1], row[2] if number == 1 else row[2] - timedelta(days=1)


def test_who_a_contact_was_is_erased_by_rule_and_that_they_were_stays(
    house: House, line: Line, ask: Callable[[str], list[tuple[object, ...]]], database_urls: DatabaseUrls
) -> None:
    house.put(DAY, line(1, DAY))
    house.run(DAY)
    with psycopg.connect(database_urls.deeds) as connection:
        for number, state in ((1, "closed"), (2, "isolating")):
            key = f"00000000-0000-0000-0000-00000000000{number}"
            connection.execute(
                "insert into identified.contact (contact_id, authority, case_key, case_authority, family_name, phone, "
                "kind, exposure_day, state, since, named_at, named_by) select %s, district, record_key, district, "
                "'Quill', '07700 900001', 'visit', %s, %s, %s, %s, 'T' from identified.record",
                [key, DAY, state, DAY, DAY],
            )
            connection.execute(
                "insert into identified.contact_step values (%s, 1, 'close', %s, %s, 'T', '{\"note\": \"at work\"}')",
                [key, state, DAY],
            )
    assert house.run(on(28))["trace"].summary["erased"] == 0
    assert house.run(on(29))["trace"].summary["erased"] == 1
    rows = "select family_name, phone, erased_on is not null, exposure_day from identified.contact order by state"
    assert ask(rows) == [(None, None, True, DAY), ("Quill", "07700 900001", False, DAY)]
    assert ask("select answers::text from identified.contact_step order by state") == [
        ("{}",),
        ('{"note": "at work"}',),
    ]
    assert ask("select subject ->> 'contacts' from decisions.audit where deed = 'erase'") == [("1",)]
    assert house.run(on(30))["trace"].summary["erased"] == 0
    with pytest.raises(psycopg.Error, match="only ever added to"), psycopg.connect(database_urls.deeds) as connection:
        connection.execute("update identified.contact_step set event = 'reach'")
