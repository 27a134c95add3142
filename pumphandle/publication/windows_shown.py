"""Windows in words and rows: what a page says about one area, without a number that the ledger does not hold."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from pumphandle.publication.codes import CODES
from pumphandle.publication.edition import Edition, Figure, Shown, State
from pumphandle.publication.estimates import daily
from pumphandle.publication.wording import ENGLISH, Words
from pumphandle.vocabulary.counts import Measure

ROWS: Final = 40
"""Windows that a page lists; the files hold all."""


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


def period(first: date, last: date, words: Words = ENGLISH) -> str:
    """on 3 June 2020; between 3 and 9 June 2020; between 28 May and 3 June 2020"""
    if first == last:
        return words.say("window.on", last=words.day(last))
    if (first.year, first.month) == (last.year, last.month):
        return words.say("window.within_month", first_day=first.day, last=words.day(last))
    if first.year == last.year:
        return words.say("window.within_year", first=words.day_of_month(first), last=words.day(last))
    return words.say("window.across_years", first=words.day(first), last=words.day(last))


def short_period(first: date, last: date, words: Words = ENGLISH) -> str:
    """For a row: 3 Jun 2020; 3–9 Jun 2020; 28 May – 3 Jun 2020"""
    if first == last:
        return words.short_day(last)
    if (first.year, first.month) == (last.year, last.month):
        return words.say("window.short_within_month", first_day=first.day, last=words.short_day(last))
    begin = words.short_day_of_month(first) if first.year == last.year else words.short_day(first)
    return words.say("window.short_across", first=begin, last=words.short_day(last))


def count_words(measure: Measure, value: int, first: date, last: date, words: Words = ENGLISH) -> str:
    """7 cases between 3 and 9 June 2020"""
    return words.say(f"window.{measure.value}", n=value, count=f"{value:,}", period=period(first, last, words))


def closed_sentence(edition: Edition, code: str, measure: Measure, words: Words = ENGLISH) -> str | None:
    """The latest closed window of a small area: 7 cases between 3 and 9 June 2020."""
    rows = edition.atlas.nodes_under(code)
    mine = edition.windows[measure].of_node(rows[0])
    if not len(mine.value):
        return None
    first, last, value = (int(column[-1]) for column in (mine.first, mine.last, mine.value))
    return count_words(measure, value, date.fromordinal(first), date.fromordinal(last), words)


def open_sentence(edition: Edition, code: str, measure: Measure, words: Words = ENGLISH) -> str | None:
    """What is known of the days since: fewer than 5 people, or all in one household, since 10 June 2020."""
    node = edition.atlas.nodes_under(code)[0]
    since = int(edition.seven[measure].open_since[node])
    if since > edition.release.as_of.toordinal():
        return None
    if edition.held[measure][node]:
        return words.say("window.held_since", day=words.day(date.fromordinal(since)))
    return words.say("window.few_since", few=few(edition, words), day=words.day(date.fromordinal(since)))


def few(edition: Edition, words: Words = ENGLISH) -> str:
    """The rule's own words for what is not said; nobody is among them as often as somebody."""
    key = "window.few_households" if edition.release.households > 1 else "window.few"
    return words.say(key, k=edition.release.k)


def figure_words(figure: Figure, shown: Shown, edition: Edition, words: Words = ENGLISH) -> str:
    """A figure for a picture's label: about 45 cases, 31 per 100,000."""
    if figure.state is State.NOT_YET:
        return words.say("figure.label_not_yet")
    if figure.state in (State.RECALLED, State.HELD):
        return CODES[figure.state].meaning(words, few=few(edition, words))
    if figure.state is State.OPEN_WINDOW or figure.estimate is None:
        said = few(edition, words)
        return words.say("window.few_since", few=said, day=words.day(figure.since)) if figure.since else said
    if shown is Shown.POSITIVITY:
        return words.say("figure.positivity", share=f"{100 * figure.estimate:.1f}")
    count = words.say(f"figure.about_{shown.value}", count=rounded(figure.estimate))
    rate = "" if figure.rate is None else ", " + words.say("figure.rate", rate=rounded(figure.rate))
    return count + rate


def label(edition: Edition, code: str, day: date, words: Words = ENGLISH) -> str:
    """An area on a map, line by line: its name, cases, tests, both together. Cases never stand without tests."""
    cases, tests, both = edition.three(code, day)
    lines = [edition.atlas.places[code].name]
    if cases.state is State.NOT_YET:
        return "\n".join([*lines, words.say("figure.label_not_yet")])
    lines.append(_label_line("cases", "label", cases, edition, words))
    lines.append(_label_line("tests", "label_tests", tests, edition, words))
    if both.estimate is not None and both.low is not None and both.high is not None:
        share, low, high = (f"{100 * value:.1f}" for value in (both.estimate, both.low, both.high))
        lines.append(words.say("figure.label_positivity", share=share, low=low, high=high))
    if edition.stands_for(code):
        lines.append(words.say("figure.label_together"))
    return "\n".join(lines)


def _label_line(measure: str, opened: str, figure: Figure, edition: Edition, words: Words) -> str:
    if figure.state in (State.RECALLED, State.HELD):
        return f"{words.say(f'measure.{measure}')}: {CODES[figure.state].short(words)}"
    if figure.state is State.OPEN_WINDOW or figure.estimate is None or figure.low is None or figure.high is None:
        key = f"figure.{opened}_open" if figure.since or measure == "tests" else f"figure.{opened}_open_day"
        return words.say(key, few=few(edition, words), day=words.day(figure.since) if figure.since else "")
    count, low, high = rounded(figure.estimate), f"{figure.low:,.0f}", f"{figure.high:,.0f}"
    if figure.rate is None:
        return words.say(f"figure.label_{measure}_no_rate", count=count, low=low, high=high)
    return words.say(f"figure.label_{measure}", count=count, low=low, high=high, rate=rounded(figure.rate))


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
