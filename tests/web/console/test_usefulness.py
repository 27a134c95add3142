"""Usefulness is shown to the national centre and the steward, as charts and as a table, and to nobody else."""

import re
from datetime import date, timedelta

import pytest

from pumphandle.store.decisions.usefulness import ReleaseUsefulness
from pumphandle.web.console.curves import HEIGHT, Figures, chart
from pumphandle.web.console.usefulness import charts_of
from tests.web.console.conftest import World

DAY = date(2020, 6, 1)


def release(at: int, **figures: float | None) -> ReleaseUsefulness:
    told: dict[str, float | None] = {
        "out_0": 0.4, "out_3": 0.8, "out_7": 0.9, "out_14": None, "window_days": 3.5, "error": 1.1,
        "error_settled": None, "seven_days": 6.0, "held_back": 0.02,
    } | figures  # fmt: skip
    day = DAY + timedelta(days=at)
    return ReleaseUsefulness(
        release_id=str(day),
        as_of=day,
        measure="cases",
        windows=4,
        narrowest_interval=4,
        **told,  # pyright: ignore[reportArgumentType]
    )


def measured(world: World, days: int) -> None:
    for at in range(days):
        day = DAY + timedelta(days=at)
        world.tell(
            b"insert into published.release values (%s, %s, %s, now(), 1, '{}', '{}', '{}', '', %s)",
            str(day), 1000 + at, day, f"hash-{at}",
        )  # fmt: skip
        world.tell(
            b"insert into decisions.usefulness values"
            b" (%s, %s, 'cases', 0.41, 0.8, 0.9, null, 3.5, 4, 1.1, null, 6, 0.02, 4)",
            str(day), day,
        )  # fmt: skip


@pytest.mark.parametrize("user", ["nat", "stew"])
def test_the_page_shows_charts_and_the_same_as_a_table(world: World, user: str) -> None:
    measured(world, 5)
    page = world.signed_in(user).get("/usefulness")
    assert page.status_code == 200
    assert page.text.count("<polyline") >= 10
    assert "41 %" in page.text
    assert len(re.findall(r'<th scope="row" class="date">', page.text)) == 5
    assert 'href="/usefulness"' in page.text
    assert world.audit("look_usefulness")


@pytest.mark.parametrize("user", ["rowan", "ash", "tracy", "enid"])
def test_nobody_else_sees_it_or_is_led_to_it(world: World, user: str) -> None:
    browser = world.signed_in(user)
    assert browser.get("/usefulness").status_code == 403
    assert 'href="/usefulness"' not in browser.get("/today").text


def test_before_the_first_release_it_says_so(world: World) -> None:
    assert "Nothing has been measured yet" in world.signed_in("nat").get("/usefulness?measure=tests").text
    assert world.signed_in("nat").get("/usefulness?measure=names").status_code == 400


def test_a_gap_is_a_gap_and_a_figure_above_the_edge_stays_inside() -> None:
    days = [DAY + timedelta(days=at) for at in range(4)]
    drawn = chart("t", days, [Figures("a", "first", [0.1, None, 2.0, 0.3])], top=1.0, said=str)
    assert drawn is not None
    assert len(drawn.curves[0].parts) == 2
    heights = [float(point.split(",")[1]) for part in drawn.curves[0].parts for point in part.split()]
    assert min(heights) >= 0
    assert max(heights) <= HEIGHT


def test_what_was_not_measured_has_no_picture() -> None:
    nothing = dict.fromkeys(("out_0", "out_3", "out_7", "window_days", "error", "held_back"))
    assert charts_of([release(0, **nothing)]) == []
    assert charts_of([]) == []
