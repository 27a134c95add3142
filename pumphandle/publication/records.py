"""What an answer for programs consists of: the release it stands on, the data, where to go next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

import msgspec
import polars as pl

from pumphandle.publication.atlas import Atlas
from pumphandle.publication.edition import Edition, Figure, Release, Shown, State
from pumphandle.publication.estimates import Windows
from pumphandle.publication.formats import geojson_bytes, json_bytes
from pumphandle.publication.tables import figures_row
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.places import AreaLevel

_day = lru_cache(maxsize=4_096)(date.fromordinal)
_SHOWN: Final = tuple(shown.value for shown in Shown)
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
    return _envelope(release_record(release), data, links)


def _envelope(about: Mapping[str, Any] | msgspec.Raw, data: Mapping[str, Any], links: Mapping[str, Any]) -> bytes:
    return json_bytes({"release": about, "data": data, "links": links})


@dataclass(frozen=True)
class Written:
    """What the answers about many areas have in common, or stands in a row of them: written once.

    about : the release; windows : of every node, the closed windows of its record
    """

    about: msgspec.Raw
    windows: Sequence[msgspec.Raw]


def area_json(edition: Edition, code: str, day: date, *, query: str = "", written: Written | None = None) -> bytes:
    """The answer at /areas/<code>.json.

    query : what the links repeat, such as ?release=2020-06-30
    written : where many areas are told
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
    about = written.about if written else release_record(edition.release)
    windows = written.windows if written else None
    return _envelope(about, area_record(edition, code, day, windows=windows) | {"inside": inside}, links)


def area_geojson(
    edition: Edition, code: str, day: date, shape: msgspec.Raw | None, *, written: Written | None = None
) -> bytes:
    """The answer at /areas/<code>.geojson: its shape with the columns of areas.csv."""
    about = written.about if written else release_record(edition.release)
    return geojson_bytes([(code, shape, figures_row(edition, code, day))], about=about)


def nodes_and_districts(atlas: Atlas, code: str) -> list[str]:
    """Under which names the ledger's rows of an area stand: its nodes, and the districts that it is or holds."""
    names = {atlas.nodes[row] for row in atlas.nodes_under(code)} | set(atlas.districts_of(code))
    return sorted(names)


def area_record(
    edition: Edition, code: str, day: date, *, windows: Sequence[msgspec.Raw] | None = None
) -> dict[str, Any]:
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
            **{name: _figure_record(one) for name, one in zip(_SHOWN, edition.three(code, day), strict=True)},
        },
        "open_windows": [
            record for measure in edition.windows for node in own for record in _open(edition, measure, node)
        ],
        "windows": windows[own[0]]
        if windows is not None and own
        else [record for measure in edition.windows for node in own for record in _closed(edition, measure, node)],
        "recalled": [
            record for measure in edition.recalled for node in own for record in _taken_back(edition, measure, node)
        ],
        "windows_before": {
            measure.value: max(0, edition.windows[measure].count_of(node) - WINDOWS)
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
    if not edition.recalled[measure].count_of(node):
        return
    mine = edition.recalled[measure].of_node(node)
    for first, last, sequence in zip(mine.first.tolist(), mine.last.tolist(), mine.sequence.tolist(), strict=True):
        yield {
            "measure": measure.value,
            "state": State.RECALLED.value,
            "first_day": date.fromordinal(first),
            "last_day": date.fromordinal(last),
            "release_id": edition.release_ids[sequence],
        }


def written(edition: Edition) -> Written:
    """The same windows as `_closed` gives, of every node at once: of 7,000 areas they are 700,000 objects otherwise."""
    parts: list[list[str]] = [[] for _ in edition.atlas.nodes]
    for measure, windows in edition.windows.items():
        for node, text in _window_texts(edition, measure, windows):
            parts[node].append(text)
    return Written(
        msgspec.Raw(json_bytes(release_record(edition.release))),
        [msgspec.Raw(f"[{','.join(told)}]".encode()) for told in parts],
    )


def _window_texts(edition: Edition, measure: Measure, windows: Windows) -> Iterable[tuple[int, str]]:
    """Node, and its newest closed windows as the inside of a list."""
    newest, start = windows.newest(WINDOWS), edition.start.toordinal()
    first, last, sequence = (of[newest] for of in (windows.first, windows.last, windows.sequence))
    days = pl.Series([_day(start + step).isoformat() for step in range(edition.ground.days)], dtype=pl.String)
    known = range(max(edition.release_ids, default=0) + 1)
    releases = pl.Series([edition.release_ids.get(number, "") for number in known], dtype=pl.String)
    columns = {"node": windows.node[newest], "value": windows.value[newest]}
    frame = pl.DataFrame(columns).with_columns(
        first=days.gather(first - start), last=days.gather(last - start), release=releases.gather(sequence)
    )
    head = f'{{"measure":"{measure.value}","state":"{State.PUBLISHED.value}","first_day":"'
    pieces = [head, "first", '","last_day":"', "last", '","value":', "value", ',"release_id":"', "release", '"}']
    text = pl.concat_str([pl.col(one) if one in frame.columns else pl.lit(one) for one in pieces])
    told = frame.group_by("node", maintain_order=True).agg(text.str.join(","))
    return told.iter_rows()


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
