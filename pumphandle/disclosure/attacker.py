"""The auditor of a day's rows: knows every release and the rule, and looks for a row that breaks what was sealed.

It shares no code with the planner (windows, residual, districts, protect) beyond the ledger's format, so a fault there
is found here. Intervals and derivable groups are the attack's (attack.judging); here rows are held against the ledger.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta

from pumphandle.vocabulary.errors import CertificateRefused

Series = tuple[str, str]


@dataclass(frozen=True)
class LedgerRow:
    """One published window: arrivals of first_day..last_day, both included.

    level   : small_area, district, or pool (node is the district, or the region or nation of a wide pool)
    group   : all, or a group of people such as age:0-17
    members : of a pool: node and first day of each window that closed in it; of a wide pool the districts' too
    """

    node: str
    level: str
    measure: str
    first_day: date
    last_day: date
    value: int
    group: str = "all"
    members: tuple[tuple[str, date], ...] = ()


@dataclass(frozen=True)
class Audited:
    """What a day's rows are.

    blocks       : rows; exact_days: windows of one day; hidden_days: days inside longer windows of small areas
    windows_open : series without a row today
    """

    blocks: int
    windows_open: int
    exact_days: int
    hidden_days: int
    smallest_value: int | None


def audit(
    rows: Iterable[LedgerRow],
    *,
    sealed_to: Mapping[Series, date],
    series: Set[Series],
    inside: Mapping[str, Set[str]],
    ledger_start: date,
    as_of: date,
    k_persons: int,
) -> Audited:
    """Hold one day's rows against the whole ledger before them; cost grows with the day's rows.

    sealed_to   : last day of the last published window by series: (node, measure), or (district, measure/dimension)
    series      : every series that may ever be published, those of groups left out
    inside      : by node and by district, every place it lies in

    Each series' windows are one partition of its arrivals: nothing overlaps, nothing is left out, nothing is told
    twice, nothing counts fewer than k. Groups of one dimension cover one window, and add up to the totals in it.
    Raises CertificateRefused naming node, measure and fault.
    """
    seen: dict[Series, date] = {}
    groups: dict[Series, list[LedgerRow]] = defaultdict(list)
    exact = hidden = count = 0
    smallest: int | None = None
    for row in rows:
        if row.value < k_persons:
            raise _refused(row, f"counts fewer than {k_persons}")
        if row.group != "all":
            groups[row.node, f"{row.measure}/{row.group.split(':')[0]}"].append(row)
        elif row.level == "pool":
            _check_pool(row, seen=seen, sealed_to=sealed_to, inside=inside, start=ledger_start, as_of=as_of)
        else:
            _check(
                row, (row.node, row.measure), series, seen=seen, sealed_to=sealed_to, start=ledger_start, as_of=as_of
            )
            days = (row.last_day - row.first_day).days + 1
            exact += days == 1
            hidden += days if days > 1 and row.level == "small_area" else 0
        smallest = row.value if smallest is None else min(smallest, row.value)
        count += 1
    for key, members in groups.items():
        if (key[0], members[0].measure) not in seen:
            raise _refused(members[0], "ends on a day on which its district's total does not")
        _check_groups(members, key, sealed_to=sealed_to, start=ledger_start, as_of=as_of)
        seen[key] = as_of
    return Audited(count, len(series - set(seen)), exact, hidden, smallest)


def audit_history(
    days: Iterable[tuple[date, Sequence[LedgerRow]]],
    *,
    series: Set[Series],
    inside: Mapping[str, Set[str]],
    ledger_start: date,
    k_of: Mapping[date, int],
) -> int:
    """The whole ledger from nothing, day by day, oldest first. Returns its rows. Raises CertificateRefused."""
    sealed: dict[Series, date] = {}
    blocks = 0
    for as_of, rows in days:
        audit(
            rows,
            sealed_to=sealed,
            series=series,
            inside=inside,
            ledger_start=ledger_start,
            as_of=as_of,
            k_persons=k_of[as_of],
        )
        for row in rows:
            blocks += 1
            for key in series_of(row):
                sealed[key] = row.last_day
    return blocks


def series_of(row: LedgerRow) -> list[Series]:
    """Which series a row seals."""
    if row.group != "all":
        return [(row.node, f"{row.measure}/{row.group.split(':')[0]}")]
    if row.level == "pool":
        return [(node, row.measure) for node, _ in row.members]
    return [(row.node, row.measure)]


def _check(
    row: LedgerRow,
    key: Series,
    series: Set[Series],
    *,
    seen: dict[Series, date],
    sealed_to: Mapping[Series, date],
    start: date,
    as_of: date,
) -> None:
    if key not in series:
        raise _refused(row, "lies outside the publication nodes")
    if key in seen:
        raise _refused(row, "appears twice in one release")
    _check_days(row, row.first_day, _expected(key, sealed_to, start), as_of=as_of)
    seen[key] = as_of


def _check_pool(
    row: LedgerRow,
    *,
    seen: dict[Series, date],
    sealed_to: Mapping[Series, date],
    inside: Mapping[str, Set[str]],
    start: date,
    as_of: date,
) -> None:
    """Every member's window ends today, follows its last, and lies in the pool's place; a district brings all of it."""
    if not row.members:
        raise _refused(row, "names no member")
    for node, first in row.members:
        key = node, row.measure
        if row.node not in inside.get(node, ()):
            raise _refused(row, f"holds node {node}, which lies outside it")
        if key in seen:
            raise _refused(row, f"holds node {node}, which has a window of its own today")
        _check_days(row, first, _expected(key, sealed_to, start), as_of=as_of)
        seen[key] = as_of
    names = {node for node, _ in row.members}
    whole = names & {place for node in names for place in inside[node]}
    for node, above in inside.items():
        if node not in names and names & above:
            raise _refused(row, f"holds a district without its node {node}")
    # A wide pool counts from its districts' windows on; an area's may have begun before.
    if row.first_day != min(first for node, first in row.members if not whole or node in whole):
        raise _refused(row, "does not begin with its oldest member")


def _check_groups(
    rows: Sequence[LedgerRow], key: Series, *, sealed_to: Mapping[Series, date], start: date, as_of: date
) -> None:
    """One dimension of one district and measure: the groups cover the same days once."""
    first = rows[0]
    if len({row.group for row in rows}) < len(rows):
        raise _refused(first, "tells a group twice")
    if len(rows) == 1:
        raise _refused(first, "stands alone in its dimension, so that the rest of the total is told too")
    for row in rows:
        if (row.first_day, row.last_day) != (first.first_day, first.last_day):
            raise _refused(row, "covers other days than the groups beside it")
        if key in sealed_to and row.first_day <= sealed_to[key]:
            raise _refused(row, "overlaps a sealed window")
        if row.first_day < start or row.last_day != as_of or row.last_day < row.first_day:
            raise _refused(row, "does not end on the day of the release")


def _expected(key: Series, sealed_to: Mapping[Series, date], start: date) -> date:
    return sealed_to[key] + timedelta(days=1) if key in sealed_to else start


def _check_days(row: LedgerRow, first: date, expected: date, *, as_of: date) -> None:
    if first < expected:
        raise _refused(row, "overlaps a sealed window")
    if first > expected:
        raise _refused(row, "leaves a gap after the last window")
    if row.last_day != as_of or row.last_day < first:
        raise _refused(row, "does not end on the day of the release")


def _refused(row: LedgerRow, fault: str) -> CertificateRefused:
    return CertificateRefused(
        f"Window of node {row.node}, {row.measure}, {row.first_day} to {row.last_day}, {fault}. Nothing is published."
    )
