"""Bytes of the public files: the same functions as the answers of the server, so that a file is an answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl
from msgspec import Raw

from pumphandle.publication.atlas import Atlas
from pumphandle.publication.deliveries import Account, deliveries_csv, deliveries_json
from pumphandle.publication.edition import Edition, Release, Shown
from pumphandle.publication.feed import Entry, atom, entries
from pumphandle.publication.formats import csv_bytes, geojson_bytes, manifest_bytes
from pumphandle.publication.map_classes import area_classes, units
from pumphandle.publication.map_picture import SUFFIXES, land, pictures
from pumphandle.publication.map_values import day_file, map_file, slider_days
from pumphandle.publication.pictures import Box
from pumphandle.publication.records import area_geojson, area_json, envelope, release_record, written
from pumphandle.publication.release import BLOCK_COLUMNS
from pumphandle.publication.tables import DICTIONARY, figures_row
from pumphandle.vocabulary.places import AreaLevel

Files = Iterator[tuple[str, bytes]]
Shapes = Mapping[str, Raw]

CHUNK: Final = 250_000
"""Rows made into text at once."""


def area_files(edition: Edition, shapes: Shapes) -> Files:
    """areas/<code>.json and .geojson of every area at the newest day."""
    day, common = edition.release.as_of, written(edition)
    for code in edition.atlas.places:
        yield f"areas/{code}.json", area_json(edition, code, day, written=common)
        yield f"areas/{code}.geojson", area_geojson(edition, code, day, shapes.get(code), written=common)


def areas_geojson(edition: Edition, day: date, shapes: Shapes) -> bytes:
    """A FeatureCollection of all areas; those without a shape have a null geometry."""
    rows = ((code, shapes.get(code), figures_row(edition, code, day)) for code in edition.atlas.places)
    return geojson_bytes(rows, about=release_record(edition.release))


def map_files(edition: Edition) -> Files:
    """What the map fetches."""
    drawn = units(edition.atlas, [place.code for place in edition.atlas.at_level(AreaLevel.SMALL_AREA)])
    for shown in Shown:
        told = envelope(edition.release, map_file(edition, shown, slider_days(edition), drawn=drawn), {})
        yield f"map/{shown.value}.json", told
    yield "map/day.json", envelope(edition.release, day_file(edition, edition.release.as_of), {})


def picture_files(edition: Edition, paths: Mapping[str, str], view: Box) -> Files:
    """All small areas as pictures of the newest day. paths : SVG, of those areas that have one"""
    places = edition.atlas.places
    drawn = land(list(paths.values()), [places[code].parent or "" for code in paths], view)
    for shown in Shown:
        found = area_classes(edition, shown, edition.release.as_of, paths)
        for paper, made in pictures(drawn, [found[code] for code in paths]).items():
            yield f"map/{shown}{SUFFIXES[paper]}.png", made


def catalogue_files(releases: Sequence[Release], decided: Sequence[Entry], *, nation: str) -> Files:
    """Lists of releases in three forms, and the dictionary. decided : what people decided, for the change log"""
    newest = releases[-1]
    yield "releases.json", releases_json(releases)
    yield "releases.atom", atom(entries(releases, decided), nation=nation)
    yield "changelog.json", changelog_json(releases, decided)
    yield "dictionary.json", dictionary_json(newest)


def delivery_files(release: Release, told: Account | None, *, nation: str) -> Files:
    """How long deliveries take. nation : its code"""
    yield "deliveries.csv", deliveries_csv(told, nation=nation)
    yield "deliveries.json", deliveries_json(told, release, nation=nation)


def releases_json(releases: Sequence[Release]) -> bytes:
    """What identifies every release, newest first, with links to its manifest."""
    listed = [
        release_record(one) | {"manifest": f"/releases/{one.release_id}/manifest.json"} for one in reversed(releases)
    ]
    return envelope(releases[-1], {"releases": listed}, {"page": "/releases"})


def changelog_json(releases: Sequence[Release], decided: Sequence[Entry]) -> bytes:
    """Everything that happened to what is published, newest first."""
    told = [one.record() for one in entries(releases, decided)]
    return envelope(releases[-1], {"entries": told}, {"feed": "/releases.atom", "page": "/releases"})


def dictionary_json(release: Release) -> bytes:
    """File, column, unit, meaning."""
    rows = [dict(zip(("file", "column", "unit", "meaning"), row, strict=True)) for row in DICTIONARY]
    return envelope(release, {"columns": rows}, {"page": "/downloads"})


def release_files(release: Release, rows: pl.DataFrame) -> Files:
    """What a release sealed. rows : what it added"""
    yield f"releases/{release.release_id}/manifest.json", manifest_bytes(release.manifest)
    yield f"releases/{release.release_id}/certificate.json", manifest_bytes(release.certificate)
    yield f"releases/{release.release_id}/blocks.csv", csv_bytes(rows.select(BLOCK_COLUMNS))


def small_area_rows(atlas: Atlas, rows: pl.DataFrame) -> Files:
    """areas/<code>.csv without its header: the rows of every small area among `rows`, in order of publication."""
    bearing: dict[str, list[str]] = {}
    for place in atlas.at_level(AreaLevel.SMALL_AREA):
        if place.node is not None:
            bearing.setdefault(place.node, []).append(place.code)
    mine = rows.filter(pl.col("node").is_in(list(bearing))).sort("node", maintain_order=True)
    for node, text in _texts(mine):
        for code in bearing[node]:
            yield f"areas/{code}.csv", text


def _texts(rows: pl.DataFrame) -> Iterator[tuple[str, bytes]]:
    """Each node's rows as text; `rows` in order of node, made in chunks that end with a node."""
    lengths = rows.group_by("node", maintain_order=True).len().rows()
    begin, size, held = 0, 0, list[tuple[str, int]]()
    for node, length in [*lengths, (None, CHUNK)]:
        if held and size + length > CHUNK:
            lines = rows.slice(begin, size).write_csv(include_header=False).encode().splitlines(keepends=True)
            at = 0
            for name, count in held:
                yield name, b"".join(lines[at : at + count])
                at += count
            begin, size, held = begin + size, 0, []
        if node is not None:
            held.append((str(node), int(length)))
            size += int(length)


def header(columns: Iterable[str]) -> bytes:
    """First line of a CSV file."""
    return (",".join(columns) + "\n").encode()


def state_of(releases: Sequence[Release], *, vintage: str, form: str, mark: int) -> dict[str, Any]:
    """What a tree of files was made from.

    form : changes when the files would be made differently; mark : grows with every public decision
    """
    newest = releases[-1]
    about = {"release_id": newest.release_id, "sequence": newest.sequence, "hash": newest.hash}
    return about | {"vintage": vintage, "form": form, "register": mark}
