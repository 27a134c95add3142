"""What is on its way to the public, and what stands against it: each reader sees their own part, and leaves a mark."""

from dataclasses import dataclass
from datetime import datetime

from pumphandle.actions.concern import hours_chosen
from pumphandle.actions.look import looking
from pumphandle.governance import policy, releases
from pumphandle.governance.concerns import CONCERN, Clock, clock
from pumphandle.governance.effects import Effect, Waiting, effects
from pumphandle.governance.holds import NATION
from pumphandle.store.decisions import audit, concerns, drafts, holds, thresholds
from pumphandle.store.decisions.concerns import ConcernRow
from pumphandle.store.decisions.drafts import DraftRow, VoteRow
from pumphandle.store.decisions.holds import HoldRow
from pumphandle.store.engine import Database
from pumphandle.store.published import register
from pumphandle.store.reference import areas, names
from pumphandle.store.reference.areas import Area
from pumphandle.vocabulary.errors import NotPermitted
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class ConcernView:
    """steps: what may happen next, for those who decide."""

    row: ConcernRow
    clock: Clock
    steps: tuple[str, ...]


@dataclass(frozen=True)
class DecisionsView:
    """windows: the reader's part of the draft; votes: those that this reader may see; areas: the reader's own."""

    draft: DraftRow | None
    windows: list[Waiting]
    votes: list[VoteRow]
    voted: int
    concerns: list[ConcernView]
    holds: list[HoldRow]
    areas: list[Area]
    notes: dict[str, str]
    area_names: dict[str, str]
    council_hours: int


def decisions(database: Database, *, by: Actor, at: datetime) -> DecisionsView:
    """A council: its own areas. A reviewer: the draft under review. The centre: all concerns and holds."""
    with looking(database, "look_decisions", by=by, at=at) as tx:
        policy.check_can_look_at_decisions(by)
        decides = policy.can(policy.check_can_decide_releases, by)
        reviews = policy.can(policy.check_can_review_releases, by)
        body = None if decides or reviews else str(by.authority)
        draft = drafts.on_the_way(tx)
        windows = [one for _, one in drafts.windows(tx, draft.release_day)] if draft else []
        cast = drafts.votes(tx, draft.release_day) if draft and reviews else []
        shown = cast if releases.others_votes_shown([one.reviewer for one in cast]) else []
        hours = hours_chosen(tx)
        rows = [] if reviews else concerns.concerns(tx, body)
        seen = [
            ConcernView(row, clock(row.state, row.since, hours, at=at), tuple(sorted(CONCERN.events(row.state))))
            for row in rows
        ]
        held = [] if reviews else holds.holds(tx, body)
        own = [areas.area(tx, by.authority), *areas.children(tx, by.authority)] if by.authority else []
        codes = {one.node for one in windows} | {row.area_code for row in rows} | {row.area_code for row in held}
        codes |= {row.body for row in rows} | {row.body for row in held}
        subject: dict[str, object] = {"windows": len(windows), "concerns": len(rows), "holds": len(held)}
        audit.add(tx, deed="look_decisions", subject=subject, by=by, at=at)
        return DecisionsView(
            draft=draft,
            windows=windows,
            votes=shown or [one for one in cast if one.reviewer == by.name],
            voted=len(cast),
            concerns=seen,
            holds=held,
            areas=own,
            notes={code: note.note for code, note in register.notes(tx).items() if code in {a.area_code for a in own}},
            area_names=names.of_areas(tx, codes) | {NATION: NATION},
            council_hours=int(thresholds.current(tx, "council_hold_hours").value),
        )


@dataclass(frozen=True)
class EffectsView:
    """What the public would learn of one area under every answer."""

    area: Area
    effects: tuple[Effect, ...]
    until_persons: int


def effects_of(database: Database, area_code: str, *, by: Actor, at: datetime) -> EffectsView:
    """Worked out from the council's own part of the draft, before anything is chosen."""
    with looking(database, "look_decisions", by=by, at=at) as tx:
        policy.check_can_see_draft(by, authority=by.authority)
        found = areas.area(tx, area_code)
        policy.check_can_see_draft(by, authority=found.parent if found.area_code != by.authority else by.authority)
        if not drafts.own_area(tx, area_code):
            raise NotPermitted("That belongs to another authority.")
        draft = drafts.on_the_way(tx)
        windows = [one for _, one in drafts.windows(tx, draft.release_day)] if draft else []
        node = areas.publication_nodes(tx).get(area_code, area_code)
        beside = sorted(areas.nodes_beside(tx, node))
        wanted = 2 * int(thresholds.current(tx, "k_persons").value)
        audit.add(tx, deed="look_decisions", subject={"area": area_code, "windows": len(windows)}, by=by, at=at)
        return EffectsView(found, effects(node, windows, beside, until_persons=wanted), wanted)
