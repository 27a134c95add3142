"""A rule over every area that it judges: what pages, files and the command line say of status, from one place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pumphandle.publication.edition import Edition
from pumphandle.publication.status.backtest import Compared, Tested, back_test, compare
from pumphandle.publication.status.engine import NOT_JUDGED, Course, walk
from pumphandle.publication.status.inputs import Exclusion, Inputs, gather
from pumphandle.publication.status.rules import StatusRule, read_rule, shipped
from pumphandle.publication.status.sentence import Status, status, statuses
from pumphandle.vocabulary.errors import NotFound


@dataclass(frozen=True)
class Judged:
    """Every area on every day as that day knew it, until a release."""

    rule: StatusRule
    inputs: Inputs
    course: Course

    def of(self, code: str, day: date) -> Status:
        return status(self.rule, self.inputs, code, day)

    def all_of(self, codes: Sequence[str], day: date) -> list[Status]:
        """The same of many areas at once."""
        return statuses(self.rule, self.inputs, codes, day)

    def names(self, day: date) -> list[str | None]:
        """What is in force on a day, in the order of `inputs.codes`; None where an area is not judged."""
        ranks: list[int] = self.course.in_force[:, self.inputs.column(day)].tolist()
        return [None if rank == NOT_JUDGED else self.rule.names[rank] for rank in ranks]

    def history(self, code: str) -> tuple[tuple[date, date, str], ...]:
        """First day, last day and name of every state that the area was in, newest first."""
        ranks: list[int] = self.course.in_force[self.inputs.codes.index(code)].tolist()
        found: list[tuple[date, date, str]] = []
        begin = 0
        for at in range(1, len(ranks) + 1):
            if at == len(ranks) or ranks[at] != ranks[begin]:
                name = "not judged" if ranks[begin] == NOT_JUDGED else self.rule.names[ranks[begin]]
                found.append((self.inputs.day(begin), self.inputs.day(at - 1), name))
                begin = at
        return tuple(reversed(found))

    def frame(self) -> pl.DataFrame:
        """area_code, day, rule, version, rank, status in order of area and day; days not judged are left out."""
        ranks = self.course.in_force
        area, at = np.nonzero(ranks != NOT_JUDGED)
        rank = pl.Series(ranks[area, at], dtype=pl.Int64)
        days = pl.Series([self.inputs.day(one) for one in range(self.inputs.days)], dtype=pl.Date)
        return pl.DataFrame(
            {
                "area_code": pl.Series(self.inputs.codes, dtype=pl.String).gather(area),
                "day": days.gather(at),
                "rule": pl.repeat(self.rule.rule_id, len(rank), eager=True),
                "version": pl.repeat(self.rule.version, len(rank), dtype=pl.Int64, eager=True),
                "rank": rank,
                "status": pl.Series(self.rule.names, dtype=pl.String).gather(rank),
            }
        )


Pair = tuple[Judged, Tested]


def judged_by(edition: Edition, rule: StatusRule, exclusions: Sequence[Exclusion]) -> Judged:
    """A walk over all areas of the rule's levels and all days."""
    codes = [place.code for level in rule.applies_to for place in edition.atlas.at_level(level)]
    inputs = gather(edition, codes).marked(exclusions)
    return Judged(rule, inputs, walk(rule, inputs))


def tested(judged: Judged) -> Pair:
    """With what the rule would have done."""
    return judged, back_test(judged.rule, judged.inputs)


def side_by_side(edition: Edition, one: Judged, other: Judged, exclusions: Sequence[Exclusion]) -> Compared | None:
    """On the areas that both judge; None where there are none."""
    also = set(other.inputs.codes)
    common = [code for code in one.inputs.codes if code in also]
    if not common:
        return None
    inputs = gather(edition, common).marked(exclusions)
    return compare(back_test(one.rule, inputs), back_test(other.rule, inputs))


def rules_known(chosen: Sequence[tuple[str, str]]) -> dict[str, StatusRule]:
    """Name -> rule: the ones in force, newest first, then the shipped examples.

    chosen : rule and text of every choice, the newest first
    """
    found = {rule_id: read_rule(text) for rule_id, text in reversed(chosen)}
    newest = chosen[0][0] if chosen else None
    examples = {name: read_rule(text) for name, text in shipped().items() if name not in found}
    first = {newest: found[newest]} if newest else {}
    return {**first, **found, **examples}


def rule_named(chosen: Sequence[tuple[str, str]], name: str | None) -> StatusRule:
    """The one in force where no name is given. Raises NotFound; absence of any rule refuses."""
    rules = rules_known(chosen)
    if name is None:
        if not chosen:
            raise NotFound("Nobody has chosen a rule for the status of areas.")
        return next(iter(rules.values()))
    if name not in rules:
        raise NotFound(f"There is no rule {name[:40]!r}; there are: {', '.join(rules)}.")
    return rules[name]
