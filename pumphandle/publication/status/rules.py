"""Status rules as data: what is compared, with which levels, for how many days; who chose it, when and why.

A rule is a TOML text. What it does not say is refused and never guessed.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, cast

from pumphandle.vocabulary.errors import BadDescription, NotFound
from pumphandle.vocabulary.places import AreaLevel

SHIPPED: Final = Path(__file__).parent / "rules"
"""The rules that come with the house; each names the text that it was taken from."""


class Quantity(StrEnum):
    """What a condition looks at; always the seven days to the day that is judged."""

    RATE = "cases per 100,000 in seven days"
    DAILY_RATE = "cases a day per 100,000"
    CASES = "cases in seven days"
    DAILY_CASES = "cases a day"
    POSITIVITY = "cases per 100 tests"


class Comparison(StrEnum):
    ABOVE = "above"
    AT_LEAST = "at least"
    BELOW = "below"
    AT_MOST = "at most"


class Kind(StrEnum):
    """historical: somebody's published rule, as an example; starter: ours, for a place that never had one."""

    HISTORICAL = "historical"
    STARTER = "starter"
    IN_FORCE = "in force"


@dataclass(frozen=True)
class Condition:
    """`days`: how many judged days in a row it must hold. Population bounds: it is asked of these areas only."""

    quantity: Quantity
    comparison: Comparison
    value: float
    days: int
    population_least: int | None = None
    population_below: int | None = None

    @property
    def words(self) -> str:
        """above 50"""
        return f"{self.comparison} {self.value:g}"


@dataclass(frozen=True)
class Level:
    """One level above the ground level. It is entered when all (or any) of `enter` hold, left when all of `leave` do.

    stay           : judged days that it lasts at least
    working_days   : days towards leaving are counted without Sundays and holidays, which do not break the count
    """

    name: str
    enter: tuple[Condition, ...]
    any_enters: bool
    leave: tuple[Condition, ...]
    stay: int
    working_days: bool


@dataclass(frozen=True)
class StatusRule:
    """One version of one rule.

    ground         : name of the state below the first level
    levels         : from the lowest to the highest; a higher one outranks a lower one
    applies_to     : levels of area
    weekday        : None: judged daily; 0 (Monday) to 6: judged on that day of the week
    in_force_after : days from the day of judgement until it holds
    ladder         : one level at a time; otherwise each level comes and goes by itself
    decimals       : quantities are rounded to these before they are compared, None: not at all
    least_population : smaller areas are not judged
    institutions   : days marked as mostly one institution do not count towards raising
    not_encoded    : what the published text also says and published numbers cannot hold
    """

    rule_id: str
    version: int
    title: str
    kind: Kind
    chooser: str
    chosen_on: date
    reason: str
    sources: tuple[str, ...]
    ground: str
    levels: tuple[Level, ...]
    applies_to: tuple[AreaLevel, ...]
    weekday: int | None
    in_force_after: int
    ladder: bool
    decimals: int | None
    least_population: int
    institutions: bool
    holidays: frozenset[date]
    not_encoded: tuple[str, ...]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(one for level in self.levels for one in (*level.enter, *level.leave))

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """In the order in which the rule first names them."""
        return tuple(dict.fromkeys(one.quantity for one in self.conditions))

    @property
    def names(self) -> tuple[str, ...]:
        """Of all states, the ground state first."""
        return (self.ground, *(level.name for level in self.levels))


_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_QUANTITIES: Final = {one.name.lower(): one for one in Quantity}
_COMPARISONS: Final = {one.name.lower(): one for one in Comparison}


def read_rule(text: str) -> StatusRule:
    """A rule from its TOML text. Raises BadDescription naming the key."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BadDescription(f"The rule is no TOML: {fault}.") from None
    one = _Table(given, "the rule")
    every = one.text("judged")
    if every != "daily" and every not in _WEEKDAYS:
        raise BadDescription(f"judged can be daily or a day of the week, such as tuesday; not {every!r}.")
    levels = tuple(_level(_Table(each, f"level {number}")) for number, each in enumerate(one.tables("level"), 1))
    if not levels:
        raise BadDescription("A rule needs at least one level.")
    rule = StatusRule(
        rule_id=one.text("rule"),
        version=one.whole("version"),
        title=one.text("title"),
        kind=Kind(one.choice("kind", tuple(Kind))),
        chooser=one.text("chooser"),
        chosen_on=one.day("chosen_on"),
        reason=one.text("reason"),
        sources=one.texts("sources"),
        ground=one.text("ground"),
        levels=levels,
        applies_to=tuple(AreaLevel(each) for each in one.texts("applies_to", tuple(AreaLevel))),
        weekday=None if every == "daily" else _WEEKDAYS.index(every),
        in_force_after=one.whole("in_force_after"),
        ladder=one.flag("ladder"),
        decimals=one.whole("decimals") if "decimals" in given else None,
        least_population=one.whole("least_population"),
        institutions=one.flag("institutions"),
        holidays=frozenset(one.days("holidays")),
        not_encoded=one.texts("not_encoded"),
    )
    one.check_all_read()
    return rule


def shipped() -> dict[str, str]:
    """Rule -> its TOML text, of every rule that comes with the house, in order of name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(SHIPPED.glob("*.toml"))}


def shipped_rule(rule_id: str) -> StatusRule:
    """Raises NotFound."""
    texts = shipped()
    if rule_id not in texts:
        raise NotFound(f"There is no rule {rule_id[:40]!r}; there are: {', '.join(texts)}.")
    return read_rule(texts[rule_id])


def _level(one: "_Table") -> Level:
    level = Level(
        name=one.text("name"),
        enter=tuple(_condition(_Table(each, f"{one.where}, enter")) for each in one.tables("enter")),
        any_enters=one.choice("enter_needs", ("all", "any")) == "any",
        leave=tuple(_condition(_Table(each, f"{one.where}, leave")) for each in one.tables("leave")),
        stay=one.whole("stay"),
        working_days=one.flag("working_days"),
    )
    one.check_all_read()
    if not level.enter or not level.leave:
        raise BadDescription(f"In {one.where}: a level needs conditions to enter and to leave.")
    return level


def _condition(one: "_Table") -> Condition:
    compared = [name for name in _COMPARISONS if name in one.given]
    if len(compared) != 1:
        raise BadDescription(f"In {one.where}: a condition has one of {', '.join(_COMPARISONS)}.")
    condition = Condition(
        quantity=_QUANTITIES[one.choice("quantity", tuple(_QUANTITIES))],
        comparison=_COMPARISONS[compared[0]],
        value=one.number(compared[0]),
        days=one.whole("days"),
        population_least=one.whole("population_least") if "population_least" in one.given else None,
        population_below=one.whole("population_below") if "population_below" in one.given else None,
    )
    one.check_all_read()
    return condition


class _Table:
    """A TOML table that remembers what was read, so that a misspelt key is noticed."""

    def __init__(self, given: Mapping[str, Any], where: str) -> None:
        self.given, self.where = given, where
        self._read: set[str] = set()

    def check_all_read(self) -> None:
        unknown = sorted(set(self.given) - self._read)
        if unknown:
            raise BadDescription(f"In {self.where}: {', '.join(unknown)} is no key of a rule.")

    def _take(self, key: str, kind: type | tuple[type, ...], wanted: str) -> Any:
        self._read.add(key)
        value = self.given.get(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise BadDescription(f"In {self.where}: {key} must be {wanted}.")
        return value

    def text(self, key: str) -> str:
        value = str(self._take(key, str, "a text")).strip()
        if not value:
            raise BadDescription(f"In {self.where}: {key} is empty.")
        return value

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in allowed:
            raise BadDescription(f"In {self.where}: {key} can be {', '.join(allowed)}.")
        return value

    def whole(self, key: str) -> int:
        value = int(self._take(key, int, "a whole number"))
        if value < 0:
            raise BadDescription(f"In {self.where}: {key} is negative.")
        return value

    def number(self, key: str) -> float:
        return float(self._take(key, (int, float), "a number"))

    def flag(self, key: str) -> bool:
        return bool(self._take(key, bool, "true or false"))

    def day(self, key: str) -> date:
        return cast(date, self._take(key, date, "a day"))

    def days(self, key: str) -> list[date]:
        values = cast(list[object], self._take(key, list, "a list of days"))
        if not all(isinstance(one, date) for one in values):
            raise BadDescription(f"In {self.where}: {key} must be a list of days.")
        return cast(list[date], values)

    def texts(self, key: str, allowed: tuple[str, ...] = ()) -> tuple[str, ...]:
        values = cast(list[object], self._take(key, list, "a list of texts"))
        if not all(isinstance(one, str) and (not allowed or one in allowed) for one in values):
            raise BadDescription(f"In {self.where}: {key} must be a list of {', '.join(allowed) or 'texts'}.")
        return tuple(cast(list[str], values))

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        values = cast(list[object], self._take(key, list, "a list of tables"))
        if not all(isinstance(one, dict) for one in values):
            raise BadDescription(f"In {self.where}: {key} must be a list of tables.")
        return cast(list[Mapping[str, Any]], values)
