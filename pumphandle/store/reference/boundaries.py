"""Shapes: on the national picture, and on the ground."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from psycopg.rows import class_row

from pumphandle.store.engine import Transaction
from pumphandle.store.reference import nation
from pumphandle.vocabulary.places import AreaLevel

Geometry = dict[str, object]
"""A GeoJSON geometry."""


@dataclass(frozen=True)
class Drawn:
    """One area on the national picture."""

    area_code: str
    svg_path: str


def drawn(tx: Transaction, level: AreaLevel) -> list[Drawn]:
    """Every area of a level that has a shape, by code."""
    with tx.cursor(row_factory=class_row(Drawn)) as cursor:
        return cursor.execute(
            "select b.area_code, b.svg_path from reference.boundary b join reference.area a using (area_code) "
            "where a.level = %s order by b.area_code",
            [level.value],
        ).fetchall()


def boundaries(tx: Transaction, level: AreaLevel) -> list[tuple[str, str]]:
    """The same as pairs: (area_code, svg_path)."""
    return [(one.area_code, one.svg_path) for one in drawn(tx, level)]


def geometry(tx: Transaction, level: AreaLevel) -> dict[str, Geometry]:
    """GeoJSON by area code, of every area of a level that has a shape."""
    rows = tx.execute(
        "select b.area_code, b.geometry from reference.boundary b join reference.area a using (area_code) "
        "where a.level = %s order by b.area_code",
        [level.value],
    )
    return {str(code): shape for code, shape in rows}


def geometries(tx: Transaction, codes: Sequence[str]) -> dict[str, Geometry]:
    """GeoJSON by area code, of those of `codes` that have a shape."""
    return {code: msgspec.json.decode(shape, type=dict[str, object]) for code, shape in written(tx, codes).items()}


def written(tx: Transaction, codes: Sequence[str]) -> dict[str, msgspec.Raw]:
    """The same as they are sent: nobody looks into 7,000 shapes to hand them on."""
    rows = tx.execute(
        "select area_code, geometry::text from reference.boundary where area_code = any(%s) order by area_code",
        [list(codes)],
    )
    return {str(code): msgspec.Raw(str(shape).replace(" ", "").encode()) for code, shape in rows}


def view_box(tx: Transaction) -> str:
    """The frame of every svg_path, as SVG writes it. Raises NotFound before a nation was loaded."""
    return nation.picture(tx).view_box
