"""Publish a day: protect, let the attacker try, and only with its certificate add the release to the ledger."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pumphandle.disclosure.attacker import LedgerRow
from pumphandle.disclosure.attacker import audit as attack
from pumphandle.disclosure.protect import protect
from pumphandle.disclosure.rules import Rule
from pumphandle.publication.release import Release, compose
from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.engine import Transaction
from pumphandle.store.events import pending
from pumphandle.store.events.lake import Lake
from pumphandle.store.published import writing
from pumphandle.store.reference import areas
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel

RULE_NUMBERS = ("k_persons", "h_households", "population_floor")


@dataclass(frozen=True)
class DayPublished:
    """What publishing a day did."""

    release_id: str
    blocks: int
    by_measure: dict[str, int]
    hash: str


def publish(day: date, *, tx: Transaction, lake: Lake, folder: Path, by: Actor, at: datetime) -> DayPublished:
    """Add the day's release, inside the caller's transaction; its files go to `folder`/<release>/.

    Raises CertificateRefused when the attacker finds something: yesterday's ledger then stays as it is.
    """
    rule = _rule(tx)
    nodes = areas.publication_nodes(tx)
    previous = writing.previous(tx)
    start = previous.ledger_start or day
    series = _series(tx, nodes)
    sealed = writing.last_closed(tx, series)
    protected = protect(
        lake.read(tx, "events", report_date=day),
        pending.pending(tx),
        nodes=nodes,
        last_closed=sealed,
        ledger_start=start,
        as_of=day,
        rule=rule,
    )
    certificate = attack(
        [LedgerRow(*row) for row in protected.table.blocks.iter_rows()],
        sealed_to=sealed,
        node_count=len(series),
        ledger_start=start,
        as_of=day,
        k_persons=rule.k_persons,
        known_nodes={node for node, _ in series},
    )
    release = compose(protected.table, certificate=certificate.as_data(), previous=previous, made_at=at)
    _put(folder / release.release_id, release)
    writing.add(tx, release)
    pending.replace(tx, protected.pending)
    counted = protected.table.blocks.group_by("measure").len().sort("measure")
    done = DayPublished(release.release_id, release.blocks.height, dict(counted.iter_rows()), release.hash)
    audit.add(
        tx, deed="publish", subject={"release": done.release_id, "blocks": done.blocks, "hash": done.hash}, by=by, at=at
    )
    return done


def _rule(tx: Transaction) -> Rule:
    chosen = {name: thresholds.current(tx, name) for name in RULE_NUMBERS}
    numbers = {name: int(one.value) for name, one in chosen.items()}
    return Rule(**numbers, versions=tuple((name, one.version) for name, one in sorted(chosen.items())))


def _series(tx: Transaction, nodes: dict[str, str]) -> list[tuple[str, str]]:
    """Every (node, measure) that may ever be published."""
    districts = [str(area.area_code) for area in areas.areas(tx) if area.level == AreaLevel.DISTRICT]
    measures = ("cases", "tests")
    return [(node, measure) for node in sorted(set(nodes.values())) for measure in measures] + [
        (district, f"{measure}_withdrawn") for district in districts for measure in measures
    ]


def _put(folder: Path, release: Release) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in release.files.items():
        part = folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)
