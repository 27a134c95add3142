"""Windows in words and rows: what a page says about one area, without a number that the ledger does not hold."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from pumphandle.publication.edition import Edition, Figure, Shown, State
from pumphandle.publication.estimates import daily
from pumphandle.vocabulary.counts import Measure

ROWS: Final = 40
"""Windows that a page lists; the files hold all."""

NOUN: Final = {Measure.CASES: ("case", "cases"), Measure.TESTS: ("test", "tests")}


@dataclass(frozen=True)
class WindowRow:
    """One closed window of cases, with what is estimated of the tests on the same days.

    first, last : days of arrival, both included
    value       : cases, exactly
    tests       : estimated tests on these days, None while the tests of these days wait in an open window
    release_id  : where it was published, once
    """

    first: date
    last: date
    value: int
    tests: float | None
    release_id: str

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def per_100_tests(self) -> float | None:
        return min(100.0, 100 * self.value / self.tests) if self.tests else None


def period(first: date, last: date) -> str:
    """on 3 June 2020; between 3 and 9 June 2020; between 28 May and 3 June 2020"""
    if first == last:
        return f"on {last:%-d %B %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"between {first.day} and {last:%-d %B %Y}"
    if first.year == last.year:
        return f"between {first:%-d %B} and {last:%-d %B %Y}"
    return f"between {first:%-d %B %Y} and {last:%-d %B %Y}"


def short_period(first: date, last: date) -> str:
    """For a row: 3 Jun 2020; 3–9 Jun 2020; 28 May – 3 Jun 2020"""
    if first == last:
        return f"{last:%-d %b %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last:%-d %b %Y}"
    return f"{first:%-d %b} – {last:%-d %b %Y}" if first.year == last.year else f"{first:%-d %b %Y} – {last:%-d %b %Y}"


def closed_sentence(edition: Edition, code: str, measure: Measure) -> str | None:
    """The latest closed window of a small area: 7 cases between 3 and 9 June 2020."""
    rows = edition.atlas.nodes_under(code)
    mine = edition.windows[measure].of_node(rows[0])
    if not len(mine.value):
        return None
    first, last, value = (int(column[-1]) for column in (mine.first, mine.last, mine.value))
    noun = NOUN[measure][0 if value == 1 else 1]
    return f"{value:,} {noun} {period(date.fromordinal(first), date.fromordinal(last))}"


def open_sentence(edition: Edition, code: str, measure: Measure) -> str | None:
    """What is known of the days since: fewer than 5 people, or all in one household, since 10 June 2020."""
    since = int(edition.seven[measure].open_since[edition.atlas.nodes_under(code)[0]])
    if since > edition.release.as_of.toordinal():
        return None
    return f"{few(edition)}, since {date.fromordinal(since):%-d %B %Y}"


def few(edition: Edition) -> str:
    """The rule's own words for what is not said; nobody is among them as often as somebody."""
    household = ", or all in one household" if edition.release.households > 1 else ""
    return f"fewer than {edition.release.k} people{household}"


def figure_words(figure: Figure, shown: Shown, edition: Edition) -> str:
    """A figure for a picture's label: about 45 per 100,000."""
    if figure.state is State.NOT_YET:
        return "not yet published"
    if figure.state is State.OPEN_WINDOW or figure.estimate is None:
        return few(edition) + (f", since {figure.since:%-d %B %Y}" if figure.since else "")
    if shown is Shown.POSITIVITY:
        return f"about {100 * figure.estimate:.1f} cases per 100 tests"
    rate = "" if figure.rate is None else f", {rounded(figure.rate)} per 100,000"
    return f"about {rounded(figure.estimate)} {shown.value}{rate}"


def rounded(value: float) -> str:
    """An estimate with no more digits than it deserves: 4.3, 45, 1,230."""
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}" if value < 1_000 else f"{round(value, -1):,.0f}"


def window_rows(edition: Edition, code: str) -> tuple[WindowRow, ...]:
    """Closed windows of a small area's cases, newest first, at most ROWS."""
    row = edition.atlas.nodes_under(code)[0]
    cases, tests = (edition.windows[measure].of_node(row) for measure in (Measure.CASES, Measure.TESTS))
    ground = edition.ground
    alone = type(ground)(1, ground.start, ground.as_of, ground.k)
    tests_alone = type(tests)(np.zeros_like(tests.node), tests.first, tests.last, tests.value, tests.sequence)
    running = np.concatenate([[0.0], np.cumsum(daily(tests_alone, alone)[0])])
    known_until = int(tests.last[-1]) if len(tests.last) else 0
    releases = edition.release_ids
    found: list[WindowRow] = []
    for first, last, value, sequence in zip(cases.first, cases.last, cases.value, cases.sequence, strict=True):
        seen = float(running[last - ground.start + 1] - running[first - ground.start]) if last <= known_until else None
        days = date.fromordinal(int(first)), date.fromordinal(int(last))
        found.append(WindowRow(*days, int(value), seen, releases[int(sequence)]))
    return tuple(reversed(found[-ROWS:]))


@dataclass(frozen=True)
class WithdrawnRow:
    """Results that had been counted in a district and were withdrawn or changed by their laboratory."""

    measure: str
    first: date
    last: date
    value: int


def area_state(edition: Edition, code: str, figure: Figure) -> State:
    """The code in files and answers: a member of a combined area that does not give the name says so instead."""
    place = edition.atlas.places[code]
    if figure.state is not State.NOT_YET and place.node is not None and place.node != code:
        return State.COMBINED
    return figure.state
