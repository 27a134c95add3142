"""The attacker: knows every release and the rule, and looks for a number that points at someone.

It shares no code with the planner (windows, protect) beyond the ledger's format, so a fault there is found here.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from pumphandle.vocabulary.errors import CertificateRefused


@dataclass(frozen=True)
class LedgerRow:
    """One published window: arrivals of first_day..last_day, both included."""

    node: str
    level: str
    measure: str
    first_day: date
    last_day: date
    value: int


@dataclass(frozen=True)
class Certificate:
    """What was looked at.

    narrowest_interval : persons, high - low, over all hidden days of today's blocks; None where none is hidden
    """

    as_of: date
    blocks: int
    windows_open: int
    exact_days: int
    hidden_days: int
    smallest_value: int | None
    narrowest_interval: int | None
    method: str

    def as_data(self) -> dict[str, object]:
        return {**asdict(self), "as_of": str(self.as_of)}


METHOD = "one partition of windows by node and measure; sharp integer bounds in closed form (difference constraints)"


def audit(
    rows: Iterable[LedgerRow],
    *,
    sealed_to: Mapping[tuple[str, str], date],
    node_count: int,
    ledger_start: date,
    as_of: date,
    k_persons: int,
    known_nodes: Set[str],
) -> Certificate:
    """Attack one day's new blocks in the light of the whole ledger before them.

    sealed_to : last day of the last published window by (node, measure), read from the ledger

    All windows of all releases form one partition of the arrivals, so every number that can be derived is a
    sum of whole blocks; inside a block, each day but the last lies in [0, k-1] and the last in [v-k+1, v].
    Cost grows with the day's blocks. Raises CertificateRefused naming node, measure and fault.
    """
    seen: set[tuple[str, str]] = set()
    exact = hidden = count = 0
    smallest: int | None = None
    narrowest: int | None = None
    for row in rows:
        _refuse_overlap(row, seen=seen, sealed_to=sealed_to, ledger_start=ledger_start, as_of=as_of)
        if row.node not in known_nodes:
            raise _refused(row, "lies outside the publication nodes")
        if row.value < k_persons:
            raise _refused(row, f"counts fewer than {k_persons}")
        seen.add((row.node, row.measure))
        days = (row.last_day - row.first_day).days + 1
        if days == 1:
            exact += 1
        else:
            hidden += days
            width = min(k_persons - 1, row.value)
            narrowest = width if narrowest is None else min(narrowest, width)
        smallest = row.value if smallest is None else min(smallest, row.value)
        count += 1
    if narrowest is not None and narrowest < k_persons - 1:
        raise CertificateRefused(f"A hidden day lies in an interval narrower than {k_persons - 1}.")
    return Certificate(
        as_of=as_of,
        blocks=count,
        windows_open=node_count - count,
        exact_days=exact,
        hidden_days=hidden,
        smallest_value=smallest,
        narrowest_interval=narrowest,
        method=METHOD,
    )


def audit_history(rows: Iterable[LedgerRow], *, ledger_start: date, k_persons: int, known_nodes: Set[str]) -> int:
    """The whole ledger from nothing, day by day. Returns the number of blocks. Raises CertificateRefused."""
    sealed: dict[tuple[str, str], date] = {}
    blocks = 0
    for row in sorted(rows, key=lambda one: (one.last_day, one.node, one.measure)):
        audit(
            [row],
            sealed_to=sealed,
            node_count=1,
            ledger_start=ledger_start,
            as_of=row.last_day,
            k_persons=k_persons,
            known_nodes=known_nodes,
        )
        sealed[row.node, row.measure] = row.last_day
        blocks += 1
    return blocks


def _refuse_overlap(
    row: LedgerRow,
    *,
    seen: Set[tuple[str, str]],
    sealed_to: Mapping[tuple[str, str], date],
    ledger_start: date,
    as_of: date,
) -> None:
    series = (row.node, row.measure)
    if series in seen:
        raise _refused(row, "appears twice in one release")
    expected = sealed_to[series] + timedelta(days=1) if series in sealed_to else ledger_start
    if row.first_day < expected:
        raise _refused(row, "overlaps a sealed window")
    if row.first_day > expected:
        raise _refused(row, "leaves a gap after the last window")
    if row.last_day != as_of or row.last_day < row.first_day:
        raise _refused(row, "does not end on the day of the release")


def _refused(row: LedgerRow, fault: str) -> CertificateRefused:
    return CertificateRefused(
        f"Window of node {row.node}, {row.measure}, {row.first_day} to {row.last_day}, {fault}. Nothing is published."
    )
