"""Days in a row, hysteresis, ladders: a rule walked over the days of many areas at once."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pumphandle.publication.estimates import SPAN
from pumphandle.publication.status.inputs import Grid, Inputs, Marks
from pumphandle.publication.status.rules import Comparison, Condition, Level, Quantity, StatusRule

SUNDAY: Final = 6
NOT_JUDGED: Final = -1
"""In a course: the rule does not apply, or nothing is known yet."""


@dataclass(frozen=True)
class Course:
    """(areas, days) int8: 0 the ground state, 1… the levels, NOT_JUDGED.

    decided  : as judged on the day
    in_force : what holds on the day
    entering : (areas, levels) days in a row, at the end, on which the level's conditions to enter held
    leaving  : (areas, levels) counted days in a row, at the end, towards leaving
    """

    decided: NDArray[np.int8]
    in_force: NDArray[np.int8]
    entering: NDArray[np.int64]
    leaving: NDArray[np.int64]

    def row(self, row: int) -> "Course":
        """Of one area alone, as views."""
        one = slice(row, row + 1)
        return Course(self.decided[one], self.in_force[one], self.entering[one], self.leaving[one])


def quantity(inputs: Inputs, wanted: Quantity, decimals: int | None = None) -> Grid:
    """(areas, days) nan where it cannot be said."""
    people = inputs.population[:, None]
    match wanted:
        case Quantity.CASES:
            found = inputs.cases
        case Quantity.DAILY_CASES:
            found = inputs.cases / SPAN
        case Quantity.RATE:
            found = 100_000 * inputs.cases / people
        case Quantity.DAILY_RATE:
            found = 100_000 * inputs.cases / SPAN / people
        case Quantity.POSITIVITY:
            share = np.divide(
                inputs.cases, inputs.tests, out=np.full_like(inputs.cases, np.nan), where=inputs.tests > 0
            )
            found = 100 * np.minimum(share, 1.0)
    return found if decimals is None else np.round(found, decimals)


def walk(rule: StatusRule, inputs: Inputs) -> Course:
    """The rule over all days. Cost: days x levels, each step over all areas at once."""
    return _Walk(rule, inputs).course()


def judged_days(rule: StatusRule, inputs: Inputs) -> list[int]:
    """Columns on which the rule is judged."""
    return [at for at in range(inputs.days) if rule.weekday is None or inputs.day(at).weekday() == rule.weekday]


def is_working_day(day: date, rule: StatusRule) -> bool:
    return day.weekday() != SUNDAY and day not in rule.holidays


class _Walk:
    def __init__(self, rule: StatusRule, inputs: Inputs) -> None:
        self.rule, self.inputs = rule, inputs
        areas, levels = len(inputs.codes), len(rule.levels)
        needs_people = {Quantity.RATE, Quantity.DAILY_RATE} & set(rule.quantities)
        unknown = np.isnan(inputs.population) if needs_people or rule.least_population else np.zeros(areas, np.bool_)
        self.judgeable = ~(inputs.population < rule.least_population) & ~unknown
        self.known = ~np.isnan(inputs.cases)
        self.values = {one: quantity(inputs, one, rule.decimals) for one in rule.quantities}
        self.enter_runs = [np.zeros((len(level.enter), areas), dtype=np.int64) for level in rule.levels]
        self.leave_runs = [np.zeros((len(level.leave), areas), dtype=np.int64) for level in rule.levels]
        self.active = np.zeros((areas, levels), dtype=np.bool_)
        self.age = np.zeros((areas, levels), dtype=np.int64)
        self.begun = np.zeros(areas, dtype=np.bool_)

    def course(self) -> Course:
        rule, inputs = self.rule, self.inputs
        decided = np.full(inputs.cases.shape, NOT_JUDGED, dtype=np.int8)
        judged = set(judged_days(rule, inputs))
        for at in range(inputs.days):
            if at in judged:
                self._judge(at)
            levels = np.arange(1, len(rule.levels) + 1)
            highest = (self.active * levels).max(axis=1, initial=0)
            decided[:, at] = np.where(self.begun & self.judgeable, highest, NOT_JUDGED)
        in_force = np.full_like(decided, NOT_JUDGED)
        wait = rule.in_force_after
        in_force[:, wait:] = decided[:, : inputs.days - wait] if wait else decided
        entering = np.stack([self._held(level, self.enter_runs[at]) for at, level in enumerate(rule.levels)], axis=1)
        leaving = np.stack([runs.min(axis=0) for runs in self.leave_runs], axis=1)
        return Course(decided, in_force, entering, leaving)

    def _judge(self, at: int) -> None:
        known = self.known[:, at]
        enters = np.zeros_like(self.active)
        leaves = np.zeros_like(self.active)
        works = is_working_day(self.inputs.day(at), self.rule)
        for number, level in enumerate(self.rule.levels):
            self._count(level, number, at, counts=works or not level.working_days)
            enters[:, number] = self._met(level.enter, self.enter_runs[number], any_is_enough=level.any_enters)
            leaves[:, number] = self._met(level.leave, self.leave_runs[number], any_is_enough=False)
        if self.rule.ladder:
            self._climb(enters, leaves, fresh=known & ~self.begun, at=at)
        else:
            self._toggle(enters, leaves)
        self.begun |= known

    def _count(self, level: Level, number: int, at: int, *, counts: bool) -> None:
        quiet, barred = self.inputs.quiet[:, at], self._barred(at)
        for place, condition in enumerate(level.enter):
            held = self._holds(condition, at) & ~quiet & ~barred
            self.enter_runs[number][place] = np.where(held, self.enter_runs[number][place] + 1, 0)
        for place, condition in enumerate(level.leave) if counts else ():
            held = self._holds(condition, at) | quiet
            self.leave_runs[number][place] = np.where(held, self.leave_runs[number][place] + 1, 0)

    def _barred(self, at: int) -> Marks:
        marked = self.inputs.institution[:, at]
        return marked if self.rule.institutions else np.zeros_like(marked)

    def _holds(self, condition: Condition, at: int) -> Marks:
        """Whether it holds; a condition that is not asked of an area holds there. What is not known does not hold."""
        value = self.values[condition.quantity][:, at]
        match condition.comparison:
            case Comparison.ABOVE:
                met = value > condition.value
            case Comparison.AT_LEAST:
                met = value >= condition.value
            case Comparison.BELOW:
                met = value < condition.value
            case Comparison.AT_MOST:
                met = value <= condition.value
        return met | ~self._asked(condition)

    def _asked(self, condition: Condition) -> Marks:
        people = self.inputs.population
        asked = np.ones(len(people), dtype=np.bool_)
        if condition.population_least is not None:
            asked &= ~(people < condition.population_least)
        if condition.population_below is not None:
            asked &= people < condition.population_below
        return asked

    def _met(self, conditions: tuple[Condition, ...], runs: NDArray[np.int64], *, any_is_enough: bool) -> Marks:
        long_enough = np.stack([runs[place] >= one.days for place, one in enumerate(conditions)])
        needed = 1 if any_is_enough else len(conditions)
        return long_enough.sum(axis=0) >= needed

    def _held(self, level: Level, runs: NDArray[np.int64]) -> NDArray[np.int64]:
        return runs.max(axis=0) if level.any_enters else runs.min(axis=0)

    def _toggle(self, enters: Marks, leaves: Marks) -> None:
        self.age += 1
        stays = np.array([level.stay for level in self.rule.levels])
        up = enters & ~self.active
        down = self.active & leaves & (self.age >= stays)
        self.active = (self.active | up) & ~down
        self.age[up] = 0

    def _climb(self, enters: Marks, leaves: Marks, *, fresh: Marks, at: int) -> None:
        """One level at a time; an area seen for the first time starts where that day's figures put it."""
        self.age += 1
        count = len(self.rule.levels)
        current: NDArray[np.int64] = self.active.sum(axis=1, dtype=np.int64)
        levels = np.arange(1, count + 1)
        wanted = (enters * levels).max(axis=1, initial=0)
        padded = np.concatenate([np.zeros((len(current), 1), dtype=np.bool_), leaves], axis=1)
        may_leave = np.take_along_axis(padded, current[:, None], axis=1)[:, 0]
        stay = np.array([0, *(level.stay for level in self.rule.levels)], dtype=np.int64)[current]
        since = self.age[:, 0]
        moved: NDArray[np.int64] = np.where(
            wanted > current, current + 1, np.where(may_leave & (since >= stay), current - 1, current)
        )
        start = np.zeros_like(current)
        for number, level in enumerate(self.rule.levels, 1):
            held = np.stack([self._holds(one, at) for one in level.enter])
            met = held.any(axis=0) if level.any_enters else held.all(axis=0)
            start = np.where(met & ~self.inputs.quiet[:, at], number, start)
        moved = np.where(fresh, start, moved)
        self.active = levels[None, :] <= moved[:, None]
        self.age[(moved != current) | fresh] = 0
