"""A flare-up's cases are as many in its picture as in its text and in the list, and each is counted once."""

import re
from typing import Any

import pytest

from tests.web.console.conftest import DAY, illnesses

SIDES = (("flare-ups", "identified.flare_case", "identified.flare_state"),
         ("links", "identified.case_set", "identified.set_state"))  # fmt: skip


@pytest.fixture
def joined(world: Any) -> Any:
    """Ada, Bo and a southern case hang together; a second one of the south is known to the run only."""
    illnesses(world)
    ada, bo, marrow = (world.records[name] for name in ("Ada again", "Bo", "Marrow"))
    for _, cases, states in SIDES:
        for case, authority in ((ada, "NOR"), (bo, "NOR"), (marrow, "SOU")):
            world.tell(f"insert into {cases} values ('f1', %s, %s, %s, %s)".encode(), case, authority, DAY, DAY)
        world.tell(f"insert into {states} values ('f1', %s, 'growing', 4, 1, %s, null)".encode(), DAY, DAY)
    link = b"insert into identified.link values (%s, 'k', %s, %s, %s, 1, %s, 'address', 'NOR', %s, %s)"
    world.tell(link, "household", ada, bo, DAY, "strong", "NOR", DAY)
    world.tell(link, "same_place", bo, marrow, DAY, "moderate", "SOU", DAY)
    world.many = world.records["Many00"]
    world.tell(link, "building", ada, world.many, DAY, "weak", "NOR", DAY)
    return world


def numbers(page: str) -> dict[str, int]:
    """As text, pictures and table say it."""
    title = re.search(r"<h1>(\d+) ", page)
    own = re.search(r"(\d+) of them your residents", page)
    others = re.search(r"(\d+) of other authorities", page)
    beyond = re.search(r"of whom (\d+)", page)
    assert title and own
    pictures = re.findall(r'<svg class="linked".*?</svg>', page, re.S)
    drawn = [len(re.findall(r"<circle", one)) for one in pictures]
    assert len(set(drawn)) == 1, "both pictures show the same cases"
    filled = [len(re.findall(r'<circle class="case(?: scanned)?"', one)) for one in pictures]
    table = re.search(r'id="cases">Your residents <span class="count">(\d+)', page)
    assert table and set(filled) == {int(own[1])} == {int(table[1])}
    left = int(beyond[1]) if beyond else 0
    assert int(title[1]) == int(own[1]) + (int(others[1]) if others else 0) == drawn[0] + left
    return {"cases": int(title[1]), "own": int(own[1]), "drawn": drawn[0]}


def listed(world: Any, address: str) -> tuple[int, int]:
    page = world.signed_in("tracy").get("/links").text
    row = re.search(rf'<tr role="row">\s*<th role="rowheader" scope="row"><a href="/{address}/f1">.*?</tr>', page, re.S)
    assert row
    cases, _, own = re.findall(r'data-label="(?:Cases|Added|Yours)" class="number[^"]*">(\d+)<', row[0])
    return int(cases), int(own)


@pytest.mark.parametrize("address", ["flare-ups", "links"])
def test_picture_text_and_list_count_the_same_cases(joined: Any, address: str) -> None:
    found = numbers(joined.signed_in("tracy").get(f"/{address}/f1").text)
    assert found == {"cases": 4, "own": 2, "drawn": 3}
    assert listed(joined, address) == (4, 2)


@pytest.mark.parametrize("address", ["flare-ups", "links"])
def test_a_weak_link_brings_nobody_into_the_picture(joined: Any, address: str) -> None:
    page = joined.signed_in("tracy").get(f"/{address}/f1").text
    assert joined.many not in page
    assert 'class="link building' not in page


@pytest.mark.parametrize("address", ["flare-ups", "links"])
def test_a_case_that_left_since_the_run_leaves_all_three(joined: Any, address: str) -> None:
    joined.tell(
        b"insert into identified.misroute (record_key, from_authority, to_authority, reason, laboratory, by_name, "
        b"said_at) values (%s, 'NOR', 'SOU', 'lives elsewhere', 'northlab', 'x', now())", joined.records["Ada again"]
    )  # fmt: skip
    found = numbers(joined.signed_in("tracy").get(f"/{address}/f1").text)
    assert found == {"cases": 3, "own": 1, "drawn": 2}
    assert listed(joined, address) == (3, 1)


def test_without_an_agreement_it_is_not_said_that_nothing_is_linked(joined: Any) -> None:
    joined.tell(b"update decisions.agreement set state = 'SUSPENDED' where authority = 'NOR'")
    page = joined.signed_in("tracy").get("/links").text
    assert "No agreement is active" in page
    assert "No two cases" not in page
