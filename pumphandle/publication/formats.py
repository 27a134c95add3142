"""Bytes of the files that anyone may take away; the same rows give the same bytes."""

import io
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
import polars as pl

_JSON: Final = msgspec.json.Encoder(decimal_format="number")


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """UTF-8, comma, one header line, dates as YYYY-MM-DD, nothing for a value that the ledger does not have."""
    return frame.write_csv(line_terminator="\n").encode()


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """Zstandard, one row group for each 100,000 rows, so that the bytes do not depend on the machine."""
    target = io.BytesIO()
    frame.write_parquet(target, compression="zstd", compression_level=3, row_group_size=100_000, statistics=True)
    return target.getvalue()


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Keys as given, UTF-8, no blanks; dates as YYYY-MM-DD, moments as RFC 3339. Raises TypeError for other objects."""
    return _JSON.encode(value)


def manifest_bytes(value: Mapping[str, Any]) -> bytes:
    """As a release seals its manifest and certificate: sorted keys, one blank indent; SHA-256 can be recomputed."""
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"


def geojson_bytes(
    features: Iterable[tuple[str, msgspec.Raw | None, Mapping[str, Any]]], *, about: Mapping[str, Any] | msgspec.Raw
) -> bytes:
    """A FeatureCollection of (id, geometry, properties); `about` stands beside the features as a foreign member."""
    return json_bytes(
        {
            "type": "FeatureCollection",
            "about": about,
            "features": [
                {"type": "Feature", "id": code, "geometry": geometry, "properties": properties}
                for code, geometry, properties in features
            ],
        }
    )
