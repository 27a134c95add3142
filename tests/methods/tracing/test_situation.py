"""An outbreak's figures against a count by hand; its curve keeps its measures inside; the PDF is the same twice."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumphandle.store.identified.outbreaks import CASE_SCHEMA, CONTACT_SCHEMA, LINK_SCHEMA
from pumphandle.tracing.epicurve import HEIGHT, WIDTH, as_svg, epicurve
from pumphandle.tracing.network import positions
from pumphandle.tracing.report import Part, Report, as_pdf
from pumphandle.tracing.situation import situation, traced

DAY = date(2020, 7, 1)
AT = datetime(2020, 7, 10, 12, tzinfo=UTC)


def cases(*rows: tuple[str, int, str, str, str]) -> pl.DataFrame:
    """(name, day, age band, household, how)"""
    return pl.DataFrame(
        [
            (name, DAY + timedelta(days=day), "female", band, "N1", home, "school", how)
            for name, day, band, home, how in rows
        ],
        schema=CASE_SCHEMA,
        orient="row",
    )


def test_the_figures_are_those_of_a_count_by_hand() -> None:
    three = cases(
        ("a", 0, "5-11", "h1", "cluster"), ("b", 4, "45-64", "h1", "cluster"), ("c", 9, "5-11", "h2", "linked")
    )  # fmt: skip
    known = traced(
        three,
        pl.DataFrame(
            [
                ("household", "closed", AT - timedelta(hours=80), AT - timedelta(hours=70), False),
                ("household", "became_case", AT - timedelta(hours=80), AT - timedelta(hours=40), True),
                ("visit", "to_reach", AT - timedelta(hours=30), None, False),
            ],
            schema=CONTACT_SCHEMA,
            orient="row",
        ),
        pl.DataFrame(
            [("household", "a", "b", 4, "strong"), ("same_place", "a", "c", 9, "moderate")],
            schema=LINK_SCHEMA,
            orient="row",
        ),
        at=AT,
    )
    found = situation(three, until=date(2020, 7, 10), traced=known)
    assert (found.cases, found.linked, found.households, found.in_last_week) == (3, 1, 2, 2)
    assert found.by_age == [("5-11", 2), ("45-64", 1)]
    assert (found.days[0], found.days[-1]) == ((date(2020, 6, 28), 0), (date(2020, 7, 13), 0))
    assert sum(count for _, count in found.days) == 3
    assert found.tracing is known
    assert (known.named, known.open_contacts) == (3, 1)
    assert (known.reached_in_24.part, known.reached_in_24.whole) == (1, 3)
    assert (known.reached_in_48.part, known.reached_in_48.whole) == (2, 2)
    assert {kind: (one.part, one.whole) for kind, one in known.attack.items()} == {"household": (1, 2)}
    assert known.infected == {"household": pytest.approx(1 / 3), "same_place": pytest.approx(1 / 3)}


def test_the_last_seven_days_end_with_the_last_day_of_records_and_not_with_the_last_case() -> None:
    some = cases(("a", 0, "5-11", "h1", "cluster"), ("b", 3, "5-11", "h2", "cluster"), ("c", 4, "5-11", "h3", "linked"))
    found = situation(some, until=date(2020, 7, 11), traced=None)
    assert found.week == (date(2020, 7, 5), date(2020, 7, 11))
    assert found.in_last_week == 1
    assert (found.linked, found.tracing) == (None, None), "who traces nobody is told no number of it"


def test_an_outbreak_whose_cases_were_all_withdrawn_has_zeros() -> None:
    none = pl.DataFrame(schema=CASE_SCHEMA)
    known = traced(none, pl.DataFrame(schema=CONTACT_SCHEMA), pl.DataFrame(schema=LINK_SCHEMA), at=AT)
    nothing = situation(none, until=DAY, traced=known)
    assert (nothing.cases, nothing.days, nothing.first, known.reached_in_24.value) == (0, [], None, None)
    assert epicurve(nothing.days, [("Closed the school", DAY, None)]) is None


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(-50, 90), st.none() | st.integers(0, 60)), max_size=5),
)
def test_whatever_is_done_whenever_is_drawn_inside_the_picture(
    counts: list[int], spans: list[tuple[int, int | None]]
) -> None:
    days = [(DAY + timedelta(days=step), count) for step, count in enumerate(counts)]
    done = [
        (
            "<closed & cleaned>",
            DAY + timedelta(days=begin),
            None if length is None else DAY + timedelta(days=begin + length),
        )
        for begin, length in spans
    ]
    drawn = epicurve(days, done)
    assert drawn is not None
    assert all(0 <= bar.y <= HEIGHT and bar.y + bar.height == pytest.approx(HEIGHT, abs=0.2) for bar in drawn.bars)
    assert all(lane.x >= 0 and lane.x + lane.width <= WIDTH + 0.2 and lane.width > 0 for lane in drawn.lanes)
    assert drawn.top >= max(counts)
    assert "<closed" not in as_svg(drawn), "what people typed stands in the list and never in the picture's markup"


def test_a_report_is_the_same_twice_and_takes_no_orders_from_its_data() -> None:
    curve = epicurve([(DAY, 2), (DAY + timedelta(days=1), 1)], [("Closed", DAY, None)])
    assert curve is not None
    report = Report(
        "Outbreak #panic() $x$ [",
        '#set page(width: 1cm) "\\',
        "foot",
        [
            Part("One #heading", ("*not bold* <tag>",), ("A", "B"), [("#1", "2")], svg=as_svg(curve), alt="Two cases."),
            Part("Nothing"),
        ],
    )
    made = as_pdf(report, made_at=AT)
    assert made.startswith(b"%PDF-")
    assert b"/MarkInfo" in made or b"/StructTreeRoot" in made or b"pdfuaid" in made
    assert made == as_pdf(report, made_at=AT)


@given(st.integers(0, 25), st.data())
def test_a_network_lies_in_its_frame_and_is_the_same_twice(count: int, data: st.DataObject) -> None:
    ends = st.integers(0, max(count - 1, 0))
    edges = (
        data.draw(st.lists(st.tuples(ends, ends).filter(lambda one: one[0] != one[1]), max_size=30))
        if count > 1
        else []
    )
    placed = positions(count, edges)
    assert placed.shape == (count, 2)
    assert ((placed >= -1e-9) & (placed <= 1 + 1e-9)).all()
    assert (placed == positions(count, edges)).all()


def test_linked_cases_lie_nearer_than_others() -> None:
    placed = positions(6, [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5)])
    near = [abs(placed[a] - placed[b]).sum() for a, b in ((0, 1), (1, 2), (3, 4), (4, 5))]
    far = [abs(placed[a] - placed[b]).sum() for a in (0, 1, 2) for b in (3, 4, 5)]
    assert max(near) < min(far)
