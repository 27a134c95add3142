"""What the files hold, for programs: a Frictionless data package, and CSV on the Web for each CSV file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from pumphandle.publication.edition import Release
from pumphandle.publication.tables import DICTIONARY

_TYPES: Final[Mapping[type[pl.DataType], tuple[str, str]]] = {
    pl.Int64: ("integer", "integer"),
    pl.Float64: ("number", "double"),
    pl.String: ("string", "string"),
    pl.Date: ("date", "date"),
    pl.Boolean: ("boolean", "boolean"),
}
"""Column -> words of Frictionless and of CSV on the Web."""


@dataclass(frozen=True)
class File:
    """One file of the package. sha256 : of its bytes; columns : name and type, for a table of text"""

    path: str
    size: int
    sha256: str
    title: str
    columns: Mapping[str, pl.DataType]


def data_package(files: Sequence[File], *, nation: str, attribution: str, release: Release) -> dict[str, Any]:
    """datapackage.json (Frictionless Data Package v1)."""
    slug = re.sub(r"[^a-z0-9]+", "-", nation.lower()).strip("-") or "nation"
    return {
        "profile": "data-package",
        "name": f"pumphandle-{slug}",
        "title": f"Published figures: {nation}",
        "description": "Neighbourhood counts of laboratory tests, published once each and never changed.",
        "version": release.release_id,
        "created": release.made_at.isoformat(),
        "sources": [{"title": attribution or nation}],
        "resources": [_resource(one) for one in files],
    }


def _resource(one: File) -> dict[str, Any]:
    stem, _, form = one.path.rpartition(".")
    about: dict[str, Any] = {
        "name": one.path.replace(".", "-").replace("/", "-").lower(),
        "path": one.path,
        "title": one.title,
        "format": form,
        "hash": f"sha256:{one.sha256}",
    }
    if form != "csv":  # without bytes: the common validator cannot count those of a columnar file
        return about
    told = _meanings(stem)
    columns = [
        {"name": name, "type": _TYPES[kind.base_type()][0], **({"description": told[name]} if name in told else {})}
        for name, kind in one.columns.items()
    ]
    text = {"profile": "tabular-data-resource", "mediatype": "text/csv", "encoding": "utf-8"}
    return about | text | {"bytes": one.size, "schema": {"fields": columns, "missingValues": [""]}}


def csv_metadata(one: File) -> dict[str, Any]:
    """<file>.csv-metadata.json (CSV on the Web)."""
    told = _meanings(one.path.removesuffix(".csv"))
    columns = [
        {
            "name": name,
            "titles": name,
            "datatype": _TYPES[kind.base_type()][1],
            **({"dc:description": told[name]} if name in told else {}),
        }
        for name, kind in one.columns.items()
    ]
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": one.path.rpartition("/")[2],
        "dc:title": one.title,
        "dialect": {"header": True, "encoding": "utf-8"},
        "tableSchema": {"columns": columns},
    }


def _meanings(file: str) -> dict[str, str]:
    """Column -> meaning, as the dictionary has it."""
    return {
        name.strip(): meaning
        for stem, columns, _, meaning in DICTIONARY
        if stem == file.partition("/")[0]
        for name in columns.split(",")
    }
