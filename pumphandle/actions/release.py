"""A release on its way: drafted, gated, shown to councils, and out when its notice is over and nothing is open."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pumphandle.actions.concern import escalate_overdue
from pumphandle.actions.publish import (
    DayPublished,
    Held,
    Merged,
    Plan,
    certified,
    check_open,
    current_rule,
    plan,
    put,
    withhold,
)
from pumphandle.governance import policy, releases
from pumphandle.governance.holds import Answer, Hold, measures_held
from pumphandle.governance.releases import RELEASE, Draft, Gate, Vote
from pumphandle.store.decisions import accounts, audit, drafts, holds, thresholds
from pumphandle.store.decisions.drafts import WINDOW_SCHEMA, DraftRow, VoteRow
from pumphandle.store.engine import Database, Transaction, one_at_a_time
from pumphandle.store.events.lake import Lake
from pumphandle.store.published import register
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import CertificateRefused, NotUnderstood
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel

WITHHELD: Final = "WITHHELD"


@dataclass(frozen=True)
class DayDecided:
    """What the step `publish` of a day did.

    published : releases that went out: those whose notice was over, and the day's own where there is no notice
    state     : where the day's own release stands; WITHHELD where the day could not be decided or certified
    withheld  : why
    """

    release_id: str
    state: str
    gate: str
    gate_reasons: tuple[str, ...]
    notice_until: str
    published: tuple[str, ...]
    blocks: int
    withheld: str = ""


def decide_day(
    day: date,
    *,
    tx: Transaction,
    lake: Lake,
    folder: Path,
    signer: Ed25519PrivateKey | None,
    by: Actor,
    at: datetime,
) -> DayDecided:
    """Publish what is due, draft the day, and publish it at once where the notice is no hours long.

    A release that cannot go out before the next day's run is superseded: nothing of it is lost, its windows stay open.
    """
    escalate_overdue(tx=tx, by=by, at=at)
    out = [one.release_id for one in release_due(tx=tx, lake=lake, folder=folder, signer=signer, by=by, at=at)]
    _supersede(tx, lake, by=by, at=at)
    check_open(tx, day)
    try:
        planned = _plan(day, tx=tx, lake=lake, at=at)
        certified(planned, signer)  # before a draft stands: without a key there is nothing to give notice of
    except (CertificateRefused, NotUnderstood) as fault:
        refused = withhold(day, "decide", str(fault), tx=tx, lake=lake, by=by, at=at)
        return DayDecided(str(day), WITHHELD, "", (), "", tuple(out), 0, refused.withheld)
    _draft(day, planned, tx=tx, by=by, at=at)
    done = release_due(tx=tx, lake=lake, folder=folder, signer=signer, by=by, at=at)
    out += [one.release_id for one in done]
    row = drafts.draft(tx, day)
    return DayDecided(
        release_id=str(day),
        state=row.state,
        gate=row.gate,
        gate_reasons=tuple(row.gate_reasons),
        notice_until=row.notice_until.isoformat(),
        published=tuple(out),
        blocks=done[0].blocks if done else planned.protected.table.blocks.height,
    )


def release_due(
    *, tx: Transaction, lake: Lake, folder: Path, signer: Ed25519PrivateKey | None, by: Actor, at: datetime
) -> list[DayPublished]:
    """The release on its way goes out if its notice is over and nothing is open; if something is, it is held."""
    _expire(tx, by=by, at=at)
    row = drafts.on_the_way(tx)
    if row is None or at < row.notice_until:
        return []
    whole = _whole_is_held(tx, at)
    votes = [Vote(one.vote) for one in drafts.votes(tx, row.release_day)]
    if not releases.may_go_out(Gate(row.gate), votes, held_whole=whole):
        if row.state == "NOTICE":
            reason = "a hold on the whole nation" if whole else "a review that is not finished"
            _move(tx, row, "hold", by=by, at=at, reason=reason)
        return []
    try:
        planned = _plan(row.release_day, tx=tx, lake=lake, at=at)
        # put composes first, and that refuses a certificate of other rows before anything is written
        done = put(planned, certified(planned, signer), tx=tx, folder=folder, by=by, at=at)
    except (CertificateRefused, NotUnderstood) as fault:
        withhold(row.release_day, "certify", str(fault), tx=tx, lake=lake, by=by, at=at)
        _move(tx, row, "supersede", by=by, at=at, reason="it could not be certified")
        return []
    _move(tx, row, "publish", by=by, at=at)
    return [done]


def finish_notice(
    database: Database, *, lake: Lake, folder: Path, signer: Ed25519PrivateKey | None, by: Actor, at: datetime
) -> list[DayPublished]:
    """By the timer between two runs, and at the end of a replay: what is due goes out now."""
    policy.check_can_run(by)
    with database.transaction() as tx:
        one_at_a_time(tx)
        return release_due(tx=tx, lake=lake, folder=folder, signer=signer, by=by, at=at)


def _draft(day: date, planned: Plan, *, tx: Transaction, by: Actor, at: datetime) -> None:
    figures = _figures(tx, planned)
    earlier = drafts.last_published(tx, day)
    said, reasons = releases.gate(figures, earlier.seen_by_gate if earlier else None)
    until = releases.notice_until(at, int(thresholds.current(tx, "notice_hours").value))
    drafts.add(
        tx, day, author=by.name, made_at=at, notice_until=until, gate=said, reasons=reasons, figures=asdict(figures)
    )
    for event in ("pass the gate", "give notice"):
        _move(tx, drafts.draft(tx, day), event, by=by, at=at)
    drafts.show_to_councils(tx, day, _windows(tx, planned))
    subject: dict[str, object] = {"day": str(day), "blocks": figures.blocks, "gate": said.value}
    audit.add(tx, deed="draft", subject=subject, by=by, at=at)


def _plan(day: date, *, tx: Transaction, lake: Lake, at: datetime) -> Plan:
    """With the holds of the moment. A window that a hold has touched, or that waits for more people, closes later.

    After a hold a window needs k persons more for every hold that touched it: who guesses that a hold was placed
    because the window was about to close still cannot place a small count (docs/methods/holds.md).
    """
    k_persons = current_rule(tx).k_persons
    standing = [row.hold for row in holds.active(tx, at)]
    past = [row.hold for row in holds.holds(tx)]
    held = _held(tx, [one for one in standing if one.answer not in (Answer.WAIT, Answer.MERGE)])
    merged = _merged(tx, [one for one in standing if one.answer is Answer.MERGE])
    while True:
        planned = plan(day, tx=tx, lake=lake, held=held, merged=merged)
        needs = _needs(tx, planned, past, k=k_persons, at=at) if past else {}
        areas_out = planned.protected.table.blocks.filter(pl.col("level") == "small_area")
        short = {
            (node, measure)
            for node, measure, value in areas_out.select("node", "measure", "value").iter_rows()
            if value < needs.get((node, measure), 0)
        }
        if not short:
            return planned
        held |= short


def _needs(tx: Transaction, planned: Plan, past: list[Hold], *, k: int, at: datetime) -> dict[tuple[str, str], int]:
    """(node, measure) -> persons that its window must hold, where a hold has touched it or asks it to wait."""
    nodes_of = _nodes_by_area(tx, areas.publication_nodes(tx))
    touched: dict[tuple[str, str], int] = {}
    waits: dict[tuple[str, str], int] = {}
    for one in past:
        for node in nodes_of.get(one.area_code, frozenset()):
            for measure in measures_held(one.product, one.answer):
                sealed = planned.sealed.get((node, measure))
                if sealed is None or one.end.date() > sealed:
                    touched[node, measure] = touched.get((node, measure), 0) + 1
                if one.active(at) and one.until_persons is not None:
                    waits[node, measure] = max(waits.get((node, measure), 0), one.until_persons)
    return {key: max(k * (1 + number), waits.get(key, 0)) for key, number in touched.items()}


def _held(tx: Transaction, standing: list[Hold]) -> Held:
    if not standing:
        return frozenset()
    nodes_of = _nodes_by_area(tx, areas.publication_nodes(tx))
    return frozenset(
        (node, measure)
        for one in standing
        for node in nodes_of.get(one.area_code, frozenset())
        for measure in measures_held(one.product, one.answer)
    )


def _merged(tx: Transaction, standing: list[Hold]) -> Merged:
    """Who is told only with whom: with the neighbours in the same district, whose totals are exact."""
    return {(node, measure): areas.nodes_beside(tx, node) for node, measure in _held(tx, standing)}


def _nodes_by_area(tx: Transaction, nodes: dict[str, str]) -> dict[str, frozenset[str]]:
    """Any area -> the publication nodes that it touches: a hold on a part holds what is published together with it."""
    parents = {str(area.area_code): area.parent for area in areas.areas(tx)}
    found: dict[str, set[str]] = {}
    for small, node in nodes.items():
        above: str | None = small
        while above is not None:
            found.setdefault(above, set()).add(node)
            above = parents.get(above)
    return {code: frozenset(members) for code, members in found.items()}


def _whole_is_held(tx: Transaction, at: datetime) -> bool:
    top = {str(area.area_code) for area in areas.areas(tx) if area.level is AreaLevel.NATION}
    return any(row.area_code in top and Answer(row.answer) is Answer.HOLD for row in holds.active(tx, at))


def _supersede(tx: Transaction, lake: Lake, *, by: Actor, at: datetime) -> None:
    row = drafts.on_the_way(tx)
    if row is None:
        return
    reason = "a review was not finished" if row.gate == Gate.REVIEW.value else "the whole nation was held"
    withhold(
        row.release_day,
        row.state.lower(),
        f"Nothing of this day went out by itself: {reason}. Its windows stayed open.",
        tx=tx,
        lake=lake,
        by=by,
        at=at,
    )
    _move(tx, row, "supersede", by=by, at=at, reason=f"the next day's run came first: {reason}")
    audit.add(tx, deed="supersede", subject={"day": str(row.release_day)}, by=by, at=at)


def _expire(tx: Transaction, *, by: Actor, at: datetime) -> None:
    """Holds that have run out are written down as such, with their own end as the moment."""
    for row in holds.run_out(tx, at):
        holds.end(tx, row.hold_id, at=row.expires_at, outcome="It ended by the clock.")
        ended = replace(row.hold, ended_at=row.expires_at)
        register.add_entry(tx, row.hold_id, ended, entry="expired", at=row.expires_at, outcome="It ended by the clock.")
        audit.add(tx, deed="expire_hold", subject={"hold": row.hold_id}, by=by, at=at)


def _move(tx: Transaction, row: DraftRow, event: str, *, by: Actor, at: datetime, reason: str = "") -> None:
    after = RELEASE.check(row.state, event)
    drafts.move(tx, row.release_day, event=event, before=row.state, after=after, by=by.name, at=at, reason=reason)


def _figures(tx: Transaction, planned: Plan) -> Draft:
    """Persons are counted in the areas' own windows and pools: totals and margins tell of the same people again."""
    blocks = planned.protected.table.blocks
    withdrawn = blocks.filter(pl.col("measure").str.ends_with("_withdrawn"))
    own = blocks.filter(pl.col("level").is_in(["small_area", "pool"]))
    digest = sha256(repr(sorted(areas.publication_nodes(tx).items())).encode()).hexdigest()[:16]
    return Draft(
        blocks=blocks.height,
        value=int(own["value"].sum()) + int(withdrawn["value"].sum()),
        withdrawn=int(withdrawn["value"].sum()),
        held=0,
        rule_versions=dict(planned.protected.table.rule.versions),
        nodes=digest,
    )


def _windows(tx: Transaction, planned: Plan) -> pl.DataFrame:
    """WINDOW_SCHEMA: for every node, what would go out and what waits, in persons."""
    nodes = areas.publication_nodes(tx)
    districts = {nodes[code]: str(area.parent) for area in areas.areas(tx) if (code := str(area.area_code)) in nodes}
    blocks = planned.protected.table.blocks.filter(pl.col("level") == "small_area")
    closing = blocks.select("node", "measure", "first_day", "last_day", persons=pl.col("value"), closes=pl.lit(True))
    counted = (
        planned.protected.waiting.filter(~pl.col("closed") & pl.col("node").is_in(list(districts)))
        .group_by("node", "measure")
        .agg(persons=pl.col("person_key").n_unique().cast(pl.Int64))
        .join(closing.select("node", "measure"), on=["node", "measure"], how="anti")
        .sort("node", "measure")
    )
    start = planned.previous.ledger_start or planned.day
    opened = [
        planned.sealed[key] + timedelta(days=1) if key in planned.sealed else start
        for key in counted.select("node", "measure").iter_rows()
    ]
    still = counted.with_columns(
        pl.Series("first_day", opened, dtype=pl.Date), last_day=pl.lit(planned.day), closes=pl.lit(False)
    ).select(closing.columns)
    return (
        pl.concat([closing, still])
        .with_columns(district=pl.col("node").replace_strict(districts, return_dtype=pl.String))
        .select(list(WINDOW_SCHEMA))
    )


def vote(database: Database, day: date, answer: Vote, *, reason: str, by: Actor, at: datetime) -> None:
    """One reviewer's vote, blind to the other's. Raises Refused or NotPermitted with the reason."""
    with database.transaction(authority=by.authority, role=by.role) as tx:
        policy.check_can_review_releases(by)
        row = drafts.draft(tx, day)
        voted = [accounts.person_of(tx, one.reviewer) for one in drafts.votes(tx, day)]
        person, author = accounts.person_of(tx, by.name), accounts.person_of(tx, row.author)
        releases.check_can_vote(
            person, author=author, voted=voted, state=row.state, gate_said=Gate(row.gate), reason=reason
        )
        drafts.add_vote(tx, day, VoteRow(by.name, answer.value, reason.strip(), at))
        audit.add(tx, deed="review", subject={"day": str(day), "votes": len(voted) + 1}, by=by, at=at)
