"""Who looked at an authority's residents in a week, and which looks somebody should ask about."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Final

BULK: Final = 500
"""Records that one account may open on one day before it is asked about: ten pages of the line list."""

REPEATED: Final = 5
"""Times that one account may open one record in a week before it is asked about."""

DAY_BEGINS, DAY_ENDS = time(6), time(22)
"""Looks outside of these hours, local time, are asked about."""


@dataclass(frozen=True)
class Look:
    """One look as the audit holds it. records : opaque keys that were shown; opened : one that was opened by itself"""

    at: datetime
    by_name: str
    by_role: str
    purpose: str | None
    records: Sequence[str]
    opened: str | None


@dataclass(frozen=True)
class LookedAt:
    """What one account did in the week."""

    by_name: str
    by_role: str
    purposes: tuple[str, ...]
    looks: int
    records: int
    last_at: datetime


@dataclass(frozen=True)
class Question:
    """A look that somebody should ask about: bulk, out_of_hours or repeated, with its number."""

    rule: str
    by_name: str
    at: datetime
    number: int


def summary(looks: Sequence[Look]) -> list[LookedAt]:
    """One row an account, most records first."""
    by_account: dict[tuple[str, str], list[Look]] = {}
    for look in looks:
        by_account.setdefault((look.by_name, look.by_role), []).append(look)
    rows = [
        LookedAt(
            name,
            role,
            tuple(sorted({look.purpose for look in made if look.purpose})),
            len(made),
            len({record for look in made for record in look.records}),
            max(look.at for look in made),
        )
        for (name, role), made in by_account.items()
    ]
    return sorted(rows, key=lambda row: (-row.records, row.by_name))


def questions(looks: Sequence[Look], *, zone: tzinfo) -> list[Question]:
    """Bulk (many records on one day), out of hours, repeated (one record opened again and again); newest first."""
    found: list[Question] = []
    days: dict[tuple[str, object], list[Look]] = {}
    for look in looks:
        days.setdefault((look.by_name, look.at.astimezone(zone).date()), []).append(look)
    for (name, _), made in days.items():
        shown = len({record for look in made for record in look.records})
        if shown > BULK:
            found.append(Question("bulk", name, max(look.at for look in made), shown))
        late = [look for look in made if not DAY_BEGINS <= look.at.astimezone(zone).time() < DAY_ENDS]
        if late:
            found.append(Question("out_of_hours", name, max(look.at for look in late), len(late)))
    opened = Counter((look.by_name, look.opened) for look in looks if look.opened)
    for (name, record), times in opened.items():
        if times >= REPEATED:
            last = max(look.at for look in looks if (look.by_name, look.opened) == (name, record))
            found.append(Question("repeated", name, last, times))
    return sorted(found, key=lambda one: (one.at, one.rule, one.by_name), reverse=True)
