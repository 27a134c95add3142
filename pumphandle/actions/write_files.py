"""Write the public files: everything that a static host needs to serve what is published, as of the newest release."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import polars as pl
from msgspec import Raw

from pumphandle.governance import policy
from pumphandle.publication import public_files as files
from pumphandle.publication.atlas import Atlas
from pumphandle.publication.deliveries import Account, account
from pumphandle.publication.descriptors import File, csv_metadata, data_package
from pumphandle.publication.edition import Edition, Release, edition_of
from pumphandle.publication.formats import csv_bytes, json_bytes, parquet_bytes
from pumphandle.publication.pictures import Box
from pumphandle.publication.tables import figures_frame
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.published import deliveries, reading, register
from pumphandle.store.published.tree import LEDGER, NextTree, alone, at_rest, resting, state
from pumphandle.store.reference import atlas as areas
from pumphandle.store.reference import boundaries
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel

FORM: Final = "2"
"""Changes when the same release would be written differently: the tree is then made from nothing."""
GROUND: Final = "The same again, for the next day to add to …"
"""Told when the new files stand."""


@dataclass(frozen=True)
class FilesWritten:
    """fresh : False where the tree stood already; written : files made or grown; kept : taken over as they were"""

    release_id: str
    fresh: bool
    written: int
    kept: int
    size: int


@dataclass(frozen=True)
class Standing:
    """What is published now.

    ledger : with `sequence`; added : its rows since the tree that stands; decided : by people, in public
    deliveries : how long they took, as it was written last
    """

    atlas: Atlas
    releases: tuple[Release, ...]
    ledger: pl.DataFrame
    added: pl.DataFrame
    shapes: dict[str, Raw]
    paths: dict[str, str]
    view: Box
    since: int
    recalled: int
    decided: register.Register
    deliveries: Account | None

    @property
    def newest(self) -> Release:
        return self.releases[-1]


def write_files(
    folder: Path, *, database: Database, by: Actor, at: datetime, progress: Callable[[str], None]
) -> FilesWritten | None:
    """Bring the tree in `folder` to the newest release; None before the first. All at once, or not at all.

    The tree that is not read is brought up: what an earlier release wrote there stays, unless a value was recalled
    since, or the areas or the form changed.
    """
    policy.check_can_run(by)
    with alone(folder):
        with database.transaction() as tx:
            standing = _read(tx, folder)
        if standing is None:
            return None
        about = _about(standing)
        if state(folder) == about:
            return FilesWritten(standing.newest.release_id, fresh=False, written=0, kept=0, size=0)
        tree = NextTree(folder, anew=not standing.since)
        _write(tree, standing, progress)
        with database.transaction() as tx:
            subject: dict[str, object] = {"release": standing.newest.release_id, "files": tree.written}
            audit.add(tx, deed="write_files", subject=subject, by=by, at=at)
            tree.stand(about)
        progress(GROUND)
        tree.lay_ground()
        tree.clear()
    return FilesWritten(standing.newest.release_id, fresh=True, written=tree.written, kept=tree.kept, size=tree.size)


def _write(tree: NextTree, standing: Standing, progress: Callable[[str], None]) -> None:
    progress("Figures of all areas …")
    holds = register.held_days(standing.decided.entries)
    edition = edition_of(standing.atlas, standing.newest, standing.releases, standing.ledger, holds=holds)
    with ThreadPoolExecutor(1) as beside:  # of the two large tables nearly all is work outside the interpreter
        tables = beside.submit(lambda: [*_ledger(tree, standing), *_areas(tree, edition, standing)])
        tree.put_all(files.area_files(edition, standing.shapes))
        progress("The map …")
        tree.put_all(files.map_files(edition))
        tree.put_all(files.picture_files(edition, standing.paths, standing.view))
        progress("The ledger …")
        _small_areas(tree, standing)
        _releases(tree, standing)
        progress("The tables …")
        told = tables.result()
    names = {code: place.name for code, place in standing.atlas.places.items()}
    decided = standing.decided.told(names)
    tree.put_all(files.catalogue_files(standing.releases, decided, nation=standing.atlas.nation))
    tree.put_all(files.delivery_files(standing.newest, standing.deliveries, nation=standing.atlas.top.code))
    _describe(tree, standing, told)


def _about(standing: Standing) -> dict[str, Any]:
    form = f"{FORM}.{standing.recalled}"
    return files.state_of(standing.releases, vintage=standing.atlas.vintage, form=form, mark=standing.decided.mark) | {
        "deliveries": str(standing.deliveries.clock.as_of) if standing.deliveries else None
    }


def _read(tx: Transaction, folder: Path) -> Standing | None:
    """The ledger until the release of the tree at rest comes from its own file, so that a day costs its own rows."""
    releases = tuple(Release(**vars(row)) for row in reading.releases(tx))
    if not releases:
        return None
    atlas = areas.atlas(tx)
    recalled = reading.recalled(tx)
    since = _usable(folder, releases, atlas, recalled=recalled)
    added = reading.ledger_between(tx, after=since, upto=releases[-1].sequence)
    sequences = {one.release_id: one.sequence for one in releases}
    ledger = pl.concat([reading.ledger_file(at_rest(folder) / LEDGER, sequences), added]) if since else added
    shapes = boundaries.written(tx, tuple(atlas.places))
    paths = dict(boundaries.boundaries(tx, AreaLevel.SMALL_AREA))
    view = Box.of(boundaries.view_box(tx))
    known = account(deliveries.known_on(tx, releases[-1].as_of), nation=atlas.top.code)
    decided = register.read(tx)
    return Standing(atlas, releases, ledger, added, shapes, paths, view, since, recalled, decided, known)


def _usable(folder: Path, releases: tuple[Release, ...], atlas: Atlas, *, recalled: int) -> int:
    """Sequence of the tree at rest, if the newest release only adds to it; otherwise 0."""
    old = resting(folder)
    if old is None or (old["vintage"], old["form"]) != (atlas.vintage, f"{FORM}.{recalled}"):
        return 0
    sequence = int(old["sequence"])
    same = 0 < sequence <= len(releases) and releases[sequence - 1].hash == old["hash"]
    return sequence if same and (at_rest(folder) / LEDGER).exists() else 0


def _ledger(tree: NextTree, standing: Standing) -> list[File]:
    """The whole ledger in two forms; the text grows by the day's rows."""
    columns = standing.ledger.drop("sequence")
    more = standing.added.drop("sequence").write_csv(include_header=False).encode()
    text = tree.grow("ledger.csv", more, head=files.header(columns.columns))
    packed = parquet_bytes(columns)
    tree.put(LEDGER, packed)
    with text.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return [
        File("ledger.csv", text.stat().st_size, digest, "Every published window", dict(columns.schema)),
        File(LEDGER, len(packed), sha256(packed).hexdigest(), "The same with types", dict(columns.schema)),
    ]


def _areas(tree: NextTree, edition: Edition, standing: Standing) -> list[File]:
    """Figures of all areas on the newest day."""
    frame = figures_frame(edition, standing.newest.as_of)
    text, typed = csv_bytes(frame), parquet_bytes(frame)
    tree.put("areas.csv", text)
    tree.put("areas.parquet", typed)
    tree.put("areas.geojson", files.areas_geojson(edition, standing.newest.as_of, standing.shapes))
    return [
        File("areas.csv", len(text), sha256(text).hexdigest(), "Seven-day figures of all areas", dict(frame.schema)),
        File("areas.parquet", len(typed), sha256(typed).hexdigest(), "The same with types", dict(frame.schema)),
    ]


def _small_areas(tree: NextTree, standing: Standing) -> None:
    """Each small area's rows of the ledger: grown where the day added some, else taken over."""
    head = files.header(standing.ledger.drop("sequence").columns)
    grown: set[str] = set()

    def rows() -> Iterator[tuple[str, bytes]]:
        for path, text in files.small_area_rows(standing.atlas, standing.added.drop("sequence")):
            grown.add(path)
            yield path, text

    tree.grow_all(rows(), head=head)
    for place in standing.atlas.places.values():
        path = f"areas/{place.code}.csv"
        if place.node is not None and path not in grown and not tree.keep(path):
            tree.put(path, head, packed=False)


def _releases(tree: NextTree, standing: Standing) -> None:
    """What each release sealed; those of the standing tree are taken over."""
    by_release = dict(standing.added.drop("sequence").partition_by("release_id", as_dict=True).items())
    nothing = standing.added.drop("sequence").clear()
    for one in standing.releases:
        if one.sequence <= standing.since and tree.keep_folder(f"releases/{one.release_id}"):
            continue
        tree.put_all(files.release_files(one, by_release.get((one.release_id,), nothing)))


def _describe(tree: NextTree, standing: Standing, told: list[File]) -> None:
    """Descriptors beside the files."""
    atlas = standing.atlas
    about = data_package(told, nation=atlas.nation, attribution=atlas.attribution, release=standing.newest)
    tree.put("datapackage.json", json_bytes(about))
    for one in told:
        if one.path.endswith(".csv"):
            tree.put(f"{one.path}-metadata.json", json_bytes(csv_metadata(one)))
