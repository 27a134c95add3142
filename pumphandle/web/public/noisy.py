"""Noisy tables: which there are, what they spent, and each number with its error bar."""

from dataclasses import dataclass
from typing import Final

import polars as pl
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from pumphandle.disclosure.noisy.budget import spent
from pumphandle.publication.groups_shown import label
from pumphandle.publication.wording import Words
from pumphandle.store.published.noisy import CELL_COLUMNS, NoisyProduct
from pumphandle.vocabulary.errors import NotFound
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.answers import CSV
from pumphandle.web.public.asking import Asked
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.visit import Visit

SHOWN: Final = 200
BAR: Final = 180.0  # units of the drawing between its ends


@dataclass(frozen=True)
class Cell:
    """A number and its bar, in units of the drawing."""

    name: str
    groups: tuple[str, ...]
    estimate: float
    low: float
    high: float
    begin: float
    middle: float
    end: float


@get("/noisy", sync_to_thread=True, include_in_schema=False)
def noisy_page(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Response[bytes]:
    """All noisy tables and the budget."""
    visit = desk.visit(wish)
    shelf = visit.shelf
    limit = max((row.limit_thousandths for row in shelf.spent), default=0)
    budget = [(one.first_day, one.last_day, one.thousandths) for one in spent(row.spending for row in shelf.spent)]
    context = {"products": shelf.tables, "budget": budget[::-1], "limit": limit}
    return desk.page(request, visit, "noisy.html", lambda: context, path="/noisy")


@get("/noisy/{name:str}", sync_to_thread=True, include_in_schema=False)
def noisy_table(
    request: WebRequest, name: FromPath[str], desk: NamedDependency[Desk], wish: NamedDependency[Asked]
) -> Response[bytes]:
    """One table as a page, or with .csv as the file that its hash is of."""
    visit, code = desk.visit(wish), name.removesuffix(".csv")
    product = next((one for one in visit.shelf.tables if one.product_id == code), None)
    if product is None:
        raise NotFound(f"There is no noisy table {code}.")
    cells = desk.holdings.noisy_cells(code)
    if name.endswith(".csv"):
        content = cells.select(list(CELL_COLUMNS)).write_csv().encode()
        return desk.send(request, visit, lambda: content, path=f"/noisy/{name}", media_type=CSV)
    shown = _cells(cells.head(SHOWN), product, visit, wish.words)
    return desk.page(
        request,
        visit,
        "noisy_table.html",
        lambda: {"product": product, "cells": shown, "bar": BAR},
        path=f"/noisy/{name}",
    )


def _cells(cells: pl.DataFrame, product: NoisyProduct, visit: Visit, words: Words) -> list[Cell]:
    places = visit.shelf.atlas.places
    least = min(0.0, *cells["low"].to_list(), 0.0)
    span = max(max([0.0, *cells["high"].to_list()]) - least, 1.0)

    def at(value: float) -> float:
        return round(BAR * (value - least) / span, 1)

    out: list[Cell] = []
    for row in cells.iter_rows(named=True):
        code, low, high, estimate = row["area_code"], row["low"], row["high"], row["estimate"]
        groups = tuple(label(row[column], words) for column in product.groups)
        name = places[code].name if code in places else code
        out.append(Cell(name, groups, estimate, low, high, at(low), at(estimate), at(high)))
    return out
