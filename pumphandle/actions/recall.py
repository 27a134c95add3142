"""Recall: public numbers taken back, with the reason. The ledger keeps its rows; every view says RECALLED."""

from dataclasses import dataclass
from datetime import date, datetime

from pumphandle.governance import policy
from pumphandle.governance.concerns import ConcernKind
from pumphandle.governance.holds import NATION
from pumphandle.governance.releases import RELEASE
from pumphandle.store.decisions import audit, drafts
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.published import register
from pumphandle.store.published.status_rules import ExclusionRow, add_exclusion
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class Recalled:
    """blocks: how many were taken back now; whole: the release as a whole."""

    blocks: int
    whole: bool


def recall(
    database: Database,
    release_id: str,
    area_code: str | None,
    *,
    category: ConcernKind,
    reason: str,
    by: Actor,
    at: datetime,
) -> Recalled:
    """Every number that a release published for an area, or, without an area, all of its numbers.

    An area's recall takes the blocks published under its node and those of what lies inside; totals that they could
    be worked out from are taken with them: of the areas above, in the same release.
    Raises Refused without a reason, NotFound where the release has no number there.
    """
    if not reason.strip():
        raise Refused("A recall needs its reason in a sentence that the public can read.")
    with database.transaction(authority=by.authority, role=by.role) as tx:
        policy.check_can_decide_releases(by)
        nodes = None if area_code is None else recalled_nodes(areas.areas(tx), areas.publication_nodes(tx), area_code)
        blocks = register.blocks_of(tx, release_id, nodes)
        if not blocks:
            raise NotFound(f"Release {release_id[:40]} has no number there that could be taken back.")
        taken = register.recall(tx, blocks, body=NATION, category=category.value, reason=reason.strip(), at=at)
        if area_code is None:
            _move(tx, release_id, by=by, at=at, reason=reason)
        subject: dict[str, object] = {"release": release_id, "area": area_code or "all", "blocks": taken}
        audit.add(tx, deed="recall", subject=subject, by=by, at=at)
    return Recalled(taken, area_code is None)


def exclude(
    database: Database, area_code: str, first: date, last: date, *, reason: str, by: Actor, at: datetime
) -> None:
    """Days of an area whose rise was mostly one institution: rules that ask for it do not count them."""
    if last < first or not reason.strip():
        raise Refused("It needs a first day, a last day that is not before it, and the reason.")
    with database.transaction(authority=by.authority, role=by.role) as tx:
        policy.check_can_decide_releases(by)
        areas.area(tx, area_code)
        add_exclusion(tx, ExclusionRow(area_code, first, last, NATION, at, reason.strip()))
        subject: dict[str, object] = {"area": area_code, "first": str(first), "last": str(last)}
        audit.add(tx, deed="exclude", subject=subject, by=by, at=at)


def recalled_nodes(all_areas: list[areas.Area], nodes: dict[str, str], area_code: str) -> list[str]:
    """Codes whose blocks go: of the area and what lies inside it, and of the areas above it."""
    parents = {str(one.area_code): str(one.parent) if one.parent else None for one in all_areas}
    if area_code not in parents:
        raise NotFound(f"There is no area with the code {area_code!r}.")
    found: set[str] = set()
    for code in parents:
        line = _line(parents, code)
        if area_code in line:
            found |= {code, nodes.get(code, code)}
    return sorted(found | set(_line(parents, area_code)))


def _line(parents: dict[str, str | None], code: str) -> list[str]:
    line: list[str] = []
    above: str | None = code
    while above is not None:
        line.append(above)
        above = parents[above]
    return line


def _move(tx: Transaction, release_id: str, *, by: Actor, at: datetime, reason: str) -> None:
    row = drafts.draft(tx, date.fromisoformat(release_id))
    after = RELEASE.check(row.state, "recall")
    drafts.move(
        tx, row.release_day, event="recall", before=row.state, after=after, by=by.name, at=at, reason=reason.strip()
    )
