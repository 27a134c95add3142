"""What an answer for programs consists of: the release it stands on, the data, where to go next."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

import msgspec
import polars as pl

from pumphandle.publication.atlas import Atlas
from pumphandle.publication.edition import Edition, Figure, Release, Shown, State
from pumphandle.publication.formats import geojson_bytes, json_bytes
from pumphandle.publication.tables import figures_row
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.places import AreaLevel

_day = lru_cache(maxsize=4_096)(date.fromordinal)
WINDOWS: Final = 50
"""Closed windows of each measure that an area's record shows; the ledger has all, page by page."""


def release_record(release: Release) -> dict[str, Any]:
    """What identifies a release."""
    return {
        "release_id": release.release_id,
        "sequence": release.sequence,
        "as_of": release.as_of,
        "made_at": release.made_at,
        "hash": release.hash,
        "rule": release.rule,
    }


def envelope(release: Release, data: Mapping[str, Any], links: Mapping[str, str | None]) -> bytes:
    """Always an object: which release, what was asked, where to go next."""
    return json_bytes({"release": release_record(release), "data": data, "links": links})


Texts = Mapping[int, msgspec.Raw]
"""Of nodes: the closed windows of their record, written already."""


def area_json(edition: Edition, code: str, day: date, *, query: str = "", texts: Texts | None = None) -> bytes:
    """The answer at /areas/<code>.json.

    query : what the links repeat, such as ?release=2020-06-30
    texts : of all nodes, where many areas are told (window_texts)
    """
    more = f"&{query[1:]}" if query else ""
    links = {
        "page": f"/areas/{code}{query}",
        "csv": f"/areas/{code}.csv{query}",
        "parquet": f"/areas/{code}.parquet{query}",
        "geojson": f"/areas/{code}.geojson{query}",
        "windows": f"/ledger.json?area={code}{more}",
    }
    parent = edition.atlas.places[code].parent
    if parent:
        links["parent"] = f"/areas/{parent}.json{query}"
    inside = [f"/areas/{one}.json{query}" for one in edition.atlas.children.get(code, ())]
    return envelope(edition.release, area_record(edition, code, day, texts=texts) | {"inside": inside}, links)


def area_geojson(edition: Edition, code: str, day: date, shape: Mapping[str, Any] | None) -> bytes:
    """The answer at /areas/<code>.geojson: its shape with the columns of areas.csv."""
    return geojson_bytes([(code, shape, figures_row(edition, code, day))], about=release_record(edition.release))


def nodes_and_districts(atlas: Atlas, code: str) -> list[str]:
    """Under which names the ledger's rows of an area stand: its nodes, and the districts that it is or holds."""
    names = {atlas.nodes[row] for row in atlas.nodes_under(code)} | set(atlas.districts_of(code))
    return sorted(names)


def area_record(edition: Edition, code: str, day: date, *, texts: Texts | None = None) -> dict[str, Any]:
    """One area as JSON: who it is, seven days, what is open, the newest closed windows of its node."""
    place = edition.atlas.places[code]
    nodes = edition.atlas.nodes_under(code)
    own = nodes if place.level is AreaLevel.SMALL_AREA else ()
    row = figures_row(edition, code, day)
    return {
        "area": dict(vars(place)) | {"published_with": list(edition.stands_for(code))},
        "state": row["state"],
        "seven_days": {
            "from": row["from_day"],
            "to": day,
            **{shown.value: _figure_record(edition.figure(code, shown, day)) for shown in Shown},
        },
        "open_windows": [
            record for measure in edition.windows for node in own for record in _open(edition, measure, node)
        ],
        "windows": texts[own[0]]
        if texts is not None and own
        else [record for measure in edition.windows for node in own for record in _closed(edition, measure, node)],
        "recalled": [
            record for measure in edition.recalled for node in own for record in _taken_back(edition, measure, node)
        ],
        "windows_before": {
            measure.value: max(0, len(edition.windows[measure].of_node(node).value) - WINDOWS)
            for measure in edition.windows
            for node in own
        },
    }


def _figure_record(figure: Figure) -> dict[str, Any]:
    return {
        name: round(value, 5) if isinstance(value, float) else value
        for name, value in vars(figure).items()
        if value is not None
    }


def _open(edition: Edition, measure: Measure, node: int) -> Iterable[dict[str, Any]]:
    since = int(edition.seven[measure].open_since[node])
    if since <= edition.release.as_of.toordinal():
        state = State.HELD if edition.held[measure][node] else State.OPEN_WINDOW
        yield {"measure": measure.value, "state": state.value, "first_day": date.fromordinal(since)}


def _taken_back(edition: Edition, measure: Measure, node: int) -> Iterable[Mapping[str, Any]]:
    """Windows that were published and whose number is no longer told, in this release or any other."""
    mine = edition.recalled[measure].of_node(node)
    for first, last, sequence in zip(mine.first.tolist(), mine.last.tolist(), mine.sequence.tolist(), strict=True):
        yield {
            "measure": measure.value,
            "state": State.RECALLED.value,
            "first_day": date.fromordinal(first),
            "last_day": date.fromordinal(last),
            "release_id": edition.release_ids[sequence],
        }


def window_texts(edition: Edition) -> Texts:
    """The same windows as `_closed` gives, of every node at once: of 7,000 areas they are 700,000 objects otherwise."""
    parts: list[list[str]] = [[] for _ in edition.atlas.nodes]
    for measure, windows in edition.windows.items():
        columns = {"node": windows.node, "first": windows.first, "last": windows.last, "value": windows.value}
        frame = pl.DataFrame({**columns, "sequence": windows.sequence}).sort("node", "first")
        newest = frame.group_by("node", maintain_order=True).tail(WINDOWS)
        epoch = date(1970, 1, 1).toordinal()
        first, last = (
            (pl.col(name) - epoch).cast(pl.Int32).cast(pl.Date).cast(pl.String) for name in ("first", "last")
        )
        release = pl.col("sequence").replace_strict(edition.release_ids, return_dtype=pl.String)
        head = f'{{"measure":"{measure.value}","state":"{State.PUBLISHED.value}","first_day":"'
        pieces = [head, first, '","last_day":"', last, '","value":', pl.col("value"), ',"release_id":"', release, '"}']
        text = pl.concat_str([pl.lit(one) if isinstance(one, str) else one for one in pieces])
        written = newest.select("node", text=text)
        for node, text in written.group_by("node", maintain_order=True).agg(pl.col("text").str.join(",")).iter_rows():
            parts[int(node)].append(str(text))
    return {node: msgspec.Raw(f"[{','.join(told)}]".encode()) for node, told in enumerate(parts)}


def _closed(edition: Edition, measure: Measure, node: int) -> Iterable[Mapping[str, Any]]:
    mine = edition.windows[measure].of_node(node)
    columns = (column[-WINDOWS:].tolist() for column in (mine.first, mine.last, mine.value, mine.sequence))
    name, state = measure.value, State.PUBLISHED.value
    for first, last, value, sequence in zip(*columns, strict=True):
        yield {
            "measure": name,
            "state": state,
            "first_day": _day(first),
            "last_day": _day(last),
            "value": value,
            "release_id": edition.release_ids[sequence],
        }
