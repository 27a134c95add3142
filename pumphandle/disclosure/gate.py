"""One district, day by day: decide what closes, attack it before it goes out, hold what would give a count away.

The planner proposes (residual), the attacker judges (attack.ledger). A district window that would narrow a count of
1..k-1 waits. An area window that closes on the first day it can never needs to: while the district window of that day
is open, it tells nothing about any earlier day (docs/methods/publish-once.md). One that had waited is attacked too.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from pumphandle.disclosure.attack.ledger import Attacked, Blocks, attack_district
from pumphandle.disclosure.residual import Closing, District, Flags, Integers, arrive, choose, close, opened
from pumphandle.vocabulary.errors import Broken

MARGIN = 7  # days before the oldest cell in question that may move too; more is slower, not safer
DEPTH = 35  # days before those, for a second look at what seems narrow


@dataclass(frozen=True)
class Watched:
    """A district and what its attacker remembers.

    district : what waits
    base     : the day of the first line of `counts`
    since    : lines before it are sealed, and stand as they are
    deep     : lines before it stand even at a second look; they are kept for the windows that reach across
    counts   : (days, areas) true arrivals since `base`
    sealed   : (days, areas) area-days that stay wide whatever is published later
    blocks   : windows that reach into these days, counted from `base`
    """

    district: District
    base: int
    since: int
    deep: int
    counts: Integers = field(repr=False)
    sealed: Flags = field(repr=False)
    blocks: Blocks = field(repr=False)


@dataclass(frozen=True)
class Decided:
    """One day's outcome: what closes, and the figures of its certificate."""

    closing: Closing
    watched: Watched
    linear_programs: int
    cells: int
    narrowest: int | None
    held_by_audit: bool


def watch(areas: int, *, k: int, day: int = 0) -> Watched:
    """A district whose ledger begins on `day`."""
    none = np.empty(0, dtype=np.int64)
    return Watched(
        district=opened(areas, k=k, day=day),
        base=day,
        since=0,
        deep=0,
        counts=np.empty((0, areas), dtype=np.int64),
        sealed=np.empty((0, areas), dtype=np.bool_),
        blocks=Blocks(area=none, first=none, last=none, value=none, totals=np.empty((0, 3), dtype=np.int64)),
    )


def decide(
    watched: Watched,
    arrivals: Integers,
    *,
    day: int,
    may_close: Flags | None = None,
    total_may_close: bool = True,
    width: int | None = None,
) -> Decided:
    """One day of one district: the most that may go out.

    arrivals        : (areas,) persons
    may_close       : (areas,) windows with enough persons in enough households; None: with k persons
    total_may_close : False: the district's own window waits, for it holds too few households
    width           : narrowest interval allowed to a count of 1..k-1; None: k - 1, the most that any rule can promise
    """
    district = arrive(watched.district, arrivals, day=day)
    ready = district.pending >= district.k
    ready = ready if may_close is None else ready & may_close
    late = watched.district.pending >= watched.district.k  # held before, or all in one household
    counts = np.vstack([watched.counts, arrivals[None, :]])
    sealed = np.vstack([watched.sealed, np.zeros((1, len(arrivals)), dtype=np.bool_)])
    grown = replace(watched, counts=counts, sealed=sealed)
    closing, judged, held, programs = _settle(grown, district, ready, late=late, total=total_may_close, width=width)
    blocks = _with(grown, closing)
    if closing.district is not None:
        sealed, more = _seal(replace(grown, blocks=blocks), width=width)
        programs += more
    after = replace(grown, district=close(district, closing), blocks=blocks, sealed=sealed)
    return Decided(
        closing=closing,
        watched=_trim(after),
        linear_programs=programs,
        cells=0 if judged is None else int(judged.cells.sum()),
        narrowest=None if judged is None else judged.narrowest,
        held_by_audit=held,
    )


def _settle(
    watched: Watched, district: District, ready: Flags, *, late: Flags, total: bool, width: int | None
) -> tuple[Closing, Attacked | None, bool, int]:
    """Propose, ask the attacker, take back: first the district's window, then windows that had waited with k or more.

    Returns what closes, the attack that it passed, whether something was taken back, and the programs solved.
    """
    programs = 0
    held = False
    proposals = [(ready, True)] if total else []
    proposals += [(ready, False), (ready & ~late, False)]
    for may_close, with_total in proposals:
        closing = choose(district, may_close=may_close, district_may_close=with_total)
        if closing.district is None and not (closing.areas & late).any():
            return closing, None, held, programs  # cannot narrow anything: no attack needed
        judged = _judge(watched, closing, width=width)
        programs += judged.result.linear_programs
        if judged.narrow == 0 and judged.waiting_narrow == 0:
            return closing, judged, held, programs
        held = True
    raise Broken("The last proposal closes no window that an attack could fail.")


def _judge(watched: Watched, closing: Closing, *, width: int | None) -> Attacked:
    blocks, k = _from_first_line(_with(watched, closing)), watched.district.k
    first = attack_district(blocks, watched.counts, k=k, since=watched.since, width=width, asked=~watched.sealed)
    if (first.narrow == 0 and first.waiting_narrow == 0) or watched.deep == watched.since:
        return first
    return attack_district(blocks, watched.counts, k=k, since=watched.deep, width=width, asked=~watched.sealed)


def _with(watched: Watched, closing: Closing) -> Blocks:
    """The windows of the live days with today's."""
    blocks, base = watched.blocks, watched.base
    today = len(watched.counts) - 1
    which = np.flatnonzero(closing.areas)
    first = closing.first[which] - base
    value = closing.value[which]
    totals = blocks.totals
    if closing.district is not None:
        totals = np.vstack([totals, [[closing.district[0] - base, today, closing.district[1]]]])
    return Blocks(
        area=np.concatenate([blocks.area, which]),
        first=np.concatenate([blocks.first, first]),
        last=np.concatenate([blocks.last, np.full(len(which), today)]),
        value=np.concatenate([blocks.value, value]),
        totals=totals,
    )


def _from_first_line(blocks: Blocks) -> Blocks:
    """Windows that began before the first line end before anything moves: where they began is of no meaning."""
    return replace(blocks, first=np.maximum(blocks.first, 0))


def _seal(watched: Watched, *, width: int | None) -> tuple[Flags, int]:
    """Area-days of closed windows, area's and district's, that are wide even if nothing open moves."""
    blocks, counts, sealed, k = watched.blocks, watched.counts, watched.sealed, watched.district.k
    done = np.zeros(counts.shape, dtype=np.bool_)
    for area, last in zip(blocks.area, blocks.last, strict=True):
        done[: last + 1, area] = True
    done[blocks.totals[-1, 1] + 1 :] = False
    small = (counts >= 1) & (counts < k)
    asked = done & small & ~sealed
    if not asked.any():
        return sealed | (done & ~small), 0
    found = attack_district(
        _from_first_line(blocks), counts, k=k, since=watched.since, width=width, asked=asked, frozen=True
    )
    enough = k - 1 if width is None else width
    return sealed | (done & ~small) | (asked & (found.high - found.low >= enough)), found.result.linear_programs


def _trim(watched: Watched) -> Watched:
    """Let sealed days leave: those before the district window, a margin earlier, of the oldest cell in question.

    Whole area windows are kept: on which day one reached k is known from its first day on.
    """
    blocks, sealed = watched.blocks, watched.sealed
    unsealed = np.flatnonzero(~sealed.all(axis=1))
    oldest = int(unsealed[0]) if len(unsealed) else len(sealed)
    begins = blocks.totals[blocks.totals[:, 0] <= oldest - MARGIN, 0]
    since = max(watched.since, int(begins[-1])) if len(begins) else watched.since
    reaching = blocks.first[blocks.last >= since]
    started = watched.district.start - watched.base
    cut = int(max(min(since - DEPTH, *reaching, *started), 0))
    kept = blocks.last >= cut
    totals = blocks.totals[blocks.totals[:, 0] >= cut]
    # A window that began before the first line is not known whole: all that moves begins after it.
    halved = blocks.last[kept & (blocks.first < cut)]  # cut >= 0: those of earlier days among them
    whole = totals[totals[:, 0] > halved.max(initial=-1), 0]
    deep = min(since, int(whole[0])) if len(whole) else since
    return replace(
        watched,
        base=watched.base + cut,
        since=since - cut,
        deep=deep - cut,
        counts=watched.counts[cut:],
        sealed=sealed[cut:],
        blocks=Blocks(
            area=blocks.area[kept],
            first=blocks.first[kept] - cut,
            last=blocks.last[kept] - cut,
            value=blocks.value[kept],
            totals=totals - np.array([cut, cut, 0]),
        ),
    )
