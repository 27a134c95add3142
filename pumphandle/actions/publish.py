"""Publish a day: plan what may go out, certify it, and only then put it into the ledger; else say why nothing goes out.

Three steps, so that notice and holds can stand between them: `plan` writes nothing, `certified` needs the key, `put`
writes everything at once. `publish` does all three.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pumphandle.delivery.canary import without
from pumphandle.disclosure.attacker import LedgerRow, audit
from pumphandle.disclosure.certificate import signed, statement
from pumphandle.disclosure.districts import MEASURES, NOTHING_MERGED, Ground, Memory, Merged
from pumphandle.disclosure.margins import DIMENSIONS
from pumphandle.disclosure.protect import Protected, protect
from pumphandle.disclosure.rules import Rule
from pumphandle.publication.release import Previous, Release, compose, manifest_hash
from pumphandle.store.decisions import audit as audit_rows
from pumphandle.store.decisions import canaries, thresholds
from pumphandle.store.engine import Transaction
from pumphandle.store.events import memory, waiting
from pumphandle.store.events.lake import Lake
from pumphandle.store.published import writing
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import CertificateRefused, LedgerBroken, NotUnderstood
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel

RULE_NUMBERS: Final = ("k_persons", "h_households", "population_floor", "pool_days", "rest_percent")
Held = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Plan:
    """A day decided and attacked, not yet signed. certified : what the certificate will say.

    sealed : last day of the last window by (node, measure), pools included
    """

    day: date
    protected: Protected = field(repr=False)
    certified: dict[str, Any] = field(repr=False)
    previous: Previous
    sealed: dict[tuple[str, str], date] = field(repr=False)


@dataclass(frozen=True)
class DayPublished:
    """What publishing a day did. withheld : why nothing went out; empty where something did."""

    release_id: str
    blocks: int
    by_measure: dict[str, int]
    hash: str
    withheld: str = ""


def publish(
    day: date,
    *,
    tx: Transaction,
    lake: Lake,
    folder: Path,
    signer: Ed25519PrivateKey | None,
    by: Actor,
    at: datetime,
    held: Held = frozenset(),
    merged: Merged = NOTHING_MERGED,
) -> DayPublished:
    """Add the day's release, inside the caller's transaction; its files go to `folder`/<release>/.

    Where it cannot be decided, attacked or certified, yesterday's ledger stays as it is, what arrived waits, and the
    reason is kept and shown. Raises LedgerBroken for a day that is sealed or a chain that is broken.
    """
    check_open(tx, day)
    stage = "decide"
    try:
        planned = plan(day, tx=tx, lake=lake, held=held, merged=merged)
        stage = "certify"
        return put(planned, certified(planned, signer), tx=tx, folder=folder, by=by, at=at)
    except (CertificateRefused, NotUnderstood) as fault:
        return withhold(day, stage, str(fault), tx=tx, lake=lake, by=by, at=at)


def check_open(tx: Transaction, day: date) -> None:
    """The last release is what was published, follows the one before, and is of an earlier day. Raises LedgerBroken."""
    tail = writing.tail(tx)
    for as_of, own, _, manifest in tail:
        if manifest_hash(manifest) != own:
            raise LedgerBroken(f"Release {as_of} is not what was published: its hash does not hold.")
    if len(tail) > 1 and tail[0][2] != tail[1][1]:
        raise LedgerBroken(f"Release {tail[0][0]} does not follow the release before it: the chain is broken.")
    if tail and day <= tail[0][0]:
        raise LedgerBroken(f"{day} is sealed: the release of {tail[0][0]} is out. Late records count when they come.")


def plan(day: date, *, tx: Transaction, lake: Lake, held: Held = frozenset(), merged: Merged = NOTHING_MERGED) -> Plan:
    """Decide a day and attack it; nothing is written, and the same day gives the same plan.

    held   : (node, measure) whose window must stay open
    merged : (node, measure) that is told only with neighbours -> which

    Raises CertificateRefused, NotUnderstood, LedgerBroken.
    """
    rule, previous = current_rule(tx), writing.previous(tx)
    ground = ground_of(tx, start=previous.ledger_start or day)
    sealed = _sealed(tx, ground)
    protected = _decided(
        Inputs(
            contributions=without(lake.read(tx, "events", report_date=day), canaries.invented(tx)),
            waiting=waiting.waiting(tx),
            ground=ground,
            remembered=memory.fingerprint(tx),
            last_closed=sealed,
            as_of=day,
            rule=rule,
            held=held,
            merged=merged,
            lots=memory.lots(tx),
        ),
        lambda: memory.memory(tx),
    )
    audited = audit(
        ledger_rows(protected.table.blocks),
        sealed_to=sealed,
        series=series(ground),
        inside=ground.inside(),
        ledger_start=ground.start,
        as_of=day,
        k_persons=rule.k_persons,
    )
    told = statement(protected.table, audited, protected.outcomes.values(), wide=protected.wide, rule=rule)
    return Plan(day=day, protected=protected, certified=told, previous=previous, sealed=sealed)


@dataclass(frozen=True)
class Inputs:
    """All that a decision hangs on; see protect. remembered : fingerprint of the districts' memory."""

    contributions: pl.DataFrame = field(repr=False)
    waiting: pl.DataFrame = field(repr=False)
    ground: Ground = field(repr=False)
    remembered: str
    last_closed: dict[tuple[str, str], date] = field(repr=False)
    as_of: date
    rule: Rule
    held: Held = field(repr=False)
    merged: Merged = field(repr=False)
    lots: bytes = field(repr=False)

    def digest(self) -> str:
        """SHA-256 of everything, so that the same decision is known again."""
        told = sha256()
        for frame in (self.contributions, self.waiting):
            content = BytesIO()
            frame.write_ipc(content, compression="uncompressed")
            told.update(content.getvalue())
        beside = sorted((*key, *sorted(near)) for key, near in self.merged.items())
        told.update(json.dumps(beside).encode())
        told.update(self.lots)
        others = (self.ground.nodes, self.ground.district, self.ground.people, self.ground.above, self.last_closed)
        told.update(json.dumps([self.remembered, str(self.as_of), self.rule.as_data(), sorted(self.held)]).encode())
        told.update(repr([str(self.ground.start), *(sorted(one.items(), key=repr) for one in others)]).encode())
        return told.hexdigest()


def _decided(inputs: Inputs, read_memory: Callable[[], dict[str, Memory]]) -> Protected:
    """A draft is planned again when its notice is over: with the same holds it is the same, and not attacked twice."""
    digest = inputs.digest()
    if digest not in _LAST:
        made = protect(
            inputs.contributions,
            inputs.waiting,
            ground=inputs.ground,
            memory=read_memory(),
            last_closed=inputs.last_closed,
            as_of=inputs.as_of,
            rule=inputs.rule,
            held=inputs.held,
            merged=inputs.merged,
            lots=inputs.lots,
        )
        _LAST.clear()
        _LAST[digest] = made
    return _LAST[digest]


_LAST: Final[dict[str, Protected]] = {}
"""The last decision by the digest of its inputs: the same inputs give the same output, whoever asks."""


def certified(planned: Plan, signer: Ed25519PrivateKey | None) -> dict[str, Any]:
    """The plan's certificate, signed. Raises CertificateRefused without a key."""
    if signer is None:
        raise CertificateRefused("There is no key to sign the certificate with. Nothing is published.")
    return signed(planned.certified, signer)


def put(
    planned: Plan, certificate: dict[str, Any], *, tx: Transaction, folder: Path, by: Actor, at: datetime
) -> DayPublished:
    """The release, its files and what waits from now on. Raises CertificateRefused for a certificate of other rows."""
    release = compose(planned.protected.table, certificate=certificate, previous=planned.previous, made_at=at)
    _put_files(folder / release.release_id, release)
    writing.add(tx, release)
    _remember(planned.protected, tx)
    counted = release.blocks.group_by("measure").len().sort("measure")
    done = DayPublished(release.release_id, release.blocks.height, dict(counted.iter_rows()), release.hash)
    audit_rows.add(
        tx, deed="publish", subject={"release": done.release_id, "blocks": done.blocks, "hash": done.hash}, by=by, at=at
    )
    return done


def withhold(
    day: date, stage: str, reason: str, *, tx: Transaction, lake: Lake, by: Actor, at: datetime
) -> DayPublished:
    """Nothing goes out today: what arrived joins what waits, the reason is kept, and the site shows it."""
    previous = writing.previous(tx)
    protected = protect(
        without(lake.read(tx, "events", report_date=day), canaries.invented(tx)),
        waiting.waiting(tx),
        ground=ground_of(tx, start=previous.ledger_start or day),
        memory=memory.memory(tx),
        last_closed={},
        as_of=day,
        rule=current_rule(tx),
        deciding=False,
    )
    _remember(protected, tx)
    writing.withhold(tx, day, stage=stage, reason=reason, at=at)
    audit_rows.add(tx, deed="withhold", subject={"as_of": str(day), "stage": stage, "reason": reason}, by=by, at=at)
    return DayPublished(release_id="", blocks=0, by_measure={}, hash=previous.hash, withheld=reason)


def current_rule(tx: Transaction) -> Rule:
    """The newest version of every number. Raises NoThresholdSet where one was never chosen."""
    chosen = {name: thresholds.current(tx, name) for name in RULE_NUMBERS}
    numbers = {name: int(one.value) for name, one in chosen.items()}
    return Rule(**numbers, versions=tuple((name, one.version) for name, one in sorted(chosen.items())))


def ground_of(tx: Transaction, *, start: date) -> Ground:
    """Nodes, their districts and their people, as the nation that is loaded has them."""
    known = areas.areas(tx)
    parent = {str(area.area_code): (str(area.parent), area.level) for area in known}
    people: dict[str, int | None] = defaultdict(int)
    nodes = areas.publication_nodes(tx)
    population = {str(area.area_code): area.population for area in known}
    for small_area, node in nodes.items():
        before, more = people[node], population[small_area]
        people[node] = None if before is None or more is None else before + more

    def district(code: str) -> str:
        while parent[code][1] is not AreaLevel.DISTRICT:
            code = parent[code][0]
        return code

    def above(code: str) -> Iterator[str]:
        while (code := parent[code][0]) in parent:
            yield code

    home = {node: district(node) for node in nodes.values()}
    return Ground(nodes, home, people, start, {one: tuple(above(one)) for one in sorted(set(home.values()))})


def series(ground: Ground) -> set[tuple[str, str]]:
    """Every (node, measure) that may ever be published for all people together."""
    found = {(node, measure) for node in ground.district for measure in MEASURES}
    for district in set(ground.district.values()):
        found |= {(district, f"{measure}{end}") for measure in MEASURES for end in ("", "_withdrawn")}
    return found


def ledger_rows(blocks: Any) -> Iterator[LedgerRow]:
    """Rows of a table or a ledger in the attacker's form."""
    columns = ("node", "level", "measure", "first_day", "last_day", "value", "group_code", "members")
    for *told, members in blocks.select(columns).iter_rows():
        pairs = (one.rsplit(":", 1) for one in (members or "").split())
        yield LedgerRow(*told, members=tuple((node, date.fromisoformat(day)) for node, day in pairs))


def _sealed(tx: Transaction, ground: Ground) -> dict[tuple[str, str], date]:
    """Last day of the last window of every series, by itself or in a pool."""
    found = set(ground.district.values())
    margins = {(one, f"{measure}/{name}") for one in found for measure in MEASURES for name in DIMENSIONS}
    sealed = writing.last_closed(tx, sorted(series(ground) | margins))
    members = [(node, place) for node, places in ground.inside().items() for place in sorted(places)]
    for node, measure, day in writing.last_pooled(tx, members, MEASURES):
        sealed[node, measure] = max(day, sealed.get((node, measure), day))
    return sealed


def _remember(protected: Protected, tx: Transaction) -> None:
    waiting.replace(tx, protected.waiting)
    memory.replace(tx, protected.memory)


def _put_files(folder: Path, release: Release) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in release.files.items():
        part = folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)
