"""One sentence that says an area's status, why, and what would change it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from pumphandle.publication.status.engine import NOT_JUDGED, Course, quantity, walk
from pumphandle.publication.status.inputs import Inputs
from pumphandle.publication.status.rules import Condition, Level, Quantity, StatusRule

UNIT: Final = {
    Quantity.RATE: "per 100,000",
    Quantity.DAILY_RATE: "a day per 100,000",
    Quantity.CASES: "cases",
    Quantity.DAILY_CASES: "cases a day",
    Quantity.POSITIVITY: "cases per 100 tests",
}


RECALLED: Final = "a number of these seven days was recalled"


@dataclass(frozen=True)
class Status:
    """One area on one day.

    level    : name of what is in force, None where the rule does not judge the area (`sentence` says why)
    rank     : 0 the ground state, 1… the levels; NOT_JUDGED
    since    : first day in force without a break; None where not judged
    decided  : what the figures of the day decided, where it is not in force yet
    values   : what was compared, as it was compared
    """

    day: date
    level: str | None
    rank: int
    since: date | None
    decided: str | None
    decided_from: date | None
    values: tuple[tuple[Quantity, float | None], ...]
    sentence: str


def status(rule: StatusRule, inputs: Inputs, code: str, day: date) -> Status:
    """Of one area on one day, as it was known on that day."""
    return statuses(rule, inputs, [code], day)[0]


def statuses(rule: StatusRule, inputs: Inputs, codes: Sequence[str], day: date) -> list[Status]:
    """The same of many areas, for one walk over the days."""
    asked = inputs.of(codes).until(day)
    course = walk(rule, asked)
    values = {one: quantity(asked, one, rule.decimals)[:, -1].tolist() for one in rule.quantities}
    return [
        _status(rule, asked.row(row), course.row(row), tuple((one, _number(of[row])) for one, of in values.items()))
        for row in range(len(codes))
    ]


def _status(
    rule: StatusRule, alone: Inputs, course: Course, values: tuple[tuple[Quantity, float | None], ...]
) -> Status:
    """alone, course : of one area, until the day"""
    day = alone.last
    ranks, decided = course.in_force[0], int(course.decided[0, -1])
    rank = int(ranks[-1])
    if decided == NOT_JUDGED:
        return Status(day, None, NOT_JUDGED, None, None, None, values, _why_not(rule, alone))
    changed = np.flatnonzero(ranks != rank)
    since = alone.day(int(changed[-1]) + 1 if len(changed) else 0)
    pending = decided != rank
    sentence = f"{_figures(alone, values)}{_standing(rule, course, decided)}"
    if pending:
        when = "from" if rank == NOT_JUDGED else "in force from"
        sentence += f"; {rule.names[decided]} {when} {_day(_start(rule, course, alone))}"
    return Status(
        day=day,
        level=None if rank == NOT_JUDGED else rule.names[rank],
        rank=rank,
        since=None if rank == NOT_JUDGED else since,
        decided=rule.names[decided] if pending else None,
        decided_from=_start(rule, course, alone) if pending else None,
        values=values,
        sentence=sentence + ".",
    )


def _start(rule: StatusRule, course: Course, alone: Inputs) -> date:
    """When what was decided comes into force: so many days after the judgement that decided it."""
    ranks = course.decided[0]
    changed = np.flatnonzero(ranks != ranks[-1])
    return alone.day(int(changed[-1]) + 1 if len(changed) else 0) + timedelta(days=rule.in_force_after)


def _why_not(rule: StatusRule, alone: Inputs) -> str:
    if alone.population[0] < rule.least_population:
        return f"Not judged: this rule judges areas of {rule.least_population:,} people or more."
    if np.isnan(alone.population[0]) and any(one in rule.quantities for one in (Quantity.RATE, Quantity.DAILY_RATE)):
        return "Not judged: how many people live here is not known."
    if bool(alone.recalled[0, -1]):
        return f"Not judged yet: {RECALLED}."
    return "Not judged yet: no seven days have been published."


def _figures(alone: Inputs, values: tuple[tuple[Quantity, float | None], ...]) -> str:
    if bool(alone.quiet[0, -1]):
        return "Too few people to publish a number, which counts as below every level"
    if bool(alone.recalled[0, -1]):
        return f"{RECALLED.capitalize()}, so nothing is known and the status stays as it was"
    told = [(one, value) for one, value in values if one not in (Quantity.CASES, Quantity.DAILY_CASES)]
    known = [f"{value:,.1f}".removesuffix(".0") + f" {UNIT[one]}" for one, value in told if value is not None]
    missing = [UNIT[one] for one, value in told if value is None]
    why = " (tests were recalled)" if bool(alone.untested[0, -1]) else ""
    unknown = f"no number of {' and '.join(missing)}{why}" if missing else ""
    return ", ".join([*known, *([unknown] if unknown else [])]) or "No figure can be said"


def _standing(rule: StatusRule, course: Course, decided: int) -> str:
    """, above 50 for 4 days; returns below after 7 days under 50"""
    every = "day" if rule.weekday is None else "week"
    entering, leaving = course.entering[0], course.leaving[0]
    parts: list[str] = []
    if decided > 0:
        level = rule.levels[decided - 1]
        held = int(entering[decided - 1])
        if held:
            parts.append(f", {level_words(level)} for {count(held, every)}")
        else:
            parts.append(f", {level.name}")
        needed, gone = max(one.days for one in level.leave), int(leaving[decided - 1])
        working = "working " if level.working_days else ""
        progress = f" ({gone} of them so far)" if gone else ""
        parts.append(f"; returns below after {count(needed, working + every)} {leave_words(level)}{progress}")
        if level.stay:
            parts.append(f", and not before {count(level.stay, every)} in it")
    else:
        parts.append(f", {rule.ground}")
    if decided < len(rule.levels):
        above = rule.levels[decided]
        held, needed = int(entering[decided]), max(one.days for one in above.enter)
        if held and decided == 0:
            parts.append(f", {level_words(above)} for {count(held, every)}; {above.name} after {needed}")
        elif decided == 0:
            parts.append(f"; {above.name} after {count(needed, every)} {level_words(above)}")
    return "".join(parts)


def level_words(level: Level) -> str:
    """above 50; above 3 cases per 100 tests and at least 10 a day per 100,000"""
    return _joined(level.enter, " or " if level.any_enters else " and ")


def leave_words(level: Level) -> str:
    """under 50"""
    return _joined(level.leave, " and ").replace("below ", "under ").replace("at most ", "at or under ")


def _joined(conditions: tuple[Condition, ...], word: str) -> str:
    told = [one for one in conditions if one.quantity not in (Quantity.CASES, Quantity.DAILY_CASES)] or conditions
    units = len({one.quantity for one in told}) > 1 or told[0].quantity is not Quantity.RATE
    return word.join(f"{one.words} {UNIT[one.quantity]}" if units else one.words for one in told)


def count(number: int, noun: str) -> str:
    """1 day; 4 days"""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
