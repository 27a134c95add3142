"""Publish a noisy product: check the budget, draw, make levels agree, and write product and spending as one."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

import numpy as np
import polars as pl

from pumphandle.disclosure.noisy.budget import Spending, check_budget
from pumphandle.disclosure.noisy.mechanism import Noise
from pumphandle.disclosure.noisy.product import LEVELS, Design, Ground, make
from pumphandle.governance import policy
from pumphandle.store.decisions import audit, canaries, runs, thresholds
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.events import counts
from pumphandle.store.events.lake import Lake
from pumphandle.store.published import noisy
from pumphandle.store.published.noisy import CELL_COLUMNS, BudgetRow, NoisyProduct
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import Broken, Refused
from pumphandle.vocabulary.people import Actor

LIMIT: Final = "noisy_budget"


@dataclass(frozen=True)
class NoisyPublished:
    """What was published, and what may still be spent on the day of these that has least left, in thousandths."""

    product: NoisyProduct
    left: int


def publish_noisy(
    design: Design, *, reason: str, database: Database, lake: Lake, noise: Noise, by: Actor, at: datetime
) -> NoisyPublished:
    """One product, for ever: its noise is drawn here, once, and what it cost is never given back.

    noise : mechanism.opendp_noise() for anything that leaves the house: it takes no seed, so nobody can draw it again

    Raises BudgetSpent, Refused without a reason or for days that are not linked yet, NotPermitted.
    """
    policy.check_can_run(by)
    if not reason.strip():
        raise Refused("A noisy product spends what cannot be given back: say what it is for.")
    with database.transaction() as tx:
        sequence = noisy.next_sequence(tx)
        limit = thresholds.current(tx, LIMIT)
        earlier = [row.spending for row in noisy.budget(tx, first=design.first_day, last=design.last_day)]
        asked = Spending(design.first_day, design.last_day, design.thousandths)
        check_budget(earlier, asked, limit=limit.value)
        _check_linked(tx, design)
        ground, increments = _counted(tx, lake, design)
        cells = make(design, ground, increments, noise=noise).with_row_index("cell_id")
        product = NoisyProduct(
            product_id=f"noisy-{sequence}",
            sequence=sequence,
            measure=str(design.measure),
            first_day=design.first_day,
            last_day=design.last_day,
            levels=[str(level) for level in design.levels],
            groups=list(design.groups),
            thousandths=design.thousandths,
            mechanism=noise.name,
            reason=reason.strip(),
            made_at=at,
            cell_count=cells.height,
            sha256=sha256(cells.select(list(CELL_COLUMNS)).write_csv().encode()).hexdigest(),
        )
        spent = BudgetRow(
            product.product_id, design.first_day, design.last_day, design.thousandths, limit.value, limit.version
        )
        noisy.add(tx, product, cells, spent)
        subject: dict[str, object] = {
            "product": product.product_id,
            "measure": product.measure,
            "first_day": str(product.first_day),
            "last_day": str(product.last_day),
            "thousandths": product.thousandths,
            "cells": product.cell_count,
        }
        audit.add(tx, deed="publish_noisy", subject=subject, by=by, at=at)
    return NoisyPublished(product, left=_left([*earlier, asked], limit.value))


def _left(spendings: list[Spending], limit: int) -> int:
    asked = spendings[-1]
    begins = {one.first_day for one in spendings if asked.first_day <= one.first_day <= asked.last_day}
    days = {asked.first_day, *begins}
    return limit - max(
        sum(one.thousandths for one in spendings if one.first_day <= day <= one.last_day) for day in days
    )


def _check_linked(tx: Transaction, design: Design) -> None:
    """A batch that is not there yet would be left out for ever, though the budget of its day is spent."""
    last = runs.last_day_of(tx, "link")
    if last is None or design.last_day > last:
        raise Refused(f"Results of {design.last_day} are not linked yet. Run that day first.")


def _counted(tx: Transaction, lake: Lake, design: Design) -> tuple[Ground, pl.DataFrame]:
    """The areas down to the lowest level asked for, and the increments of those days by them and the groups."""
    lowest = max(LEVELS.index(level) for level in design.levels)
    known = areas.areas(tx)
    chosen = [area for area in known if LEVELS.index(area.level) <= lowest]
    place = {str(area.area_code): at for at, area in enumerate(chosen)}
    parents = {str(area.area_code): area.parent for area in known}
    above = {code: _up(code, parents, place) for code in parents}
    ground = Ground(
        codes=tuple(place),
        levels=tuple(area.level for area in chosen),
        parent=np.array([place[area.parent] if area.parent else -1 for area in chosen], dtype=np.int64),
    )
    measure, first, last = str(design.measure), design.first_day, design.last_day
    came = counts.arrivals(tx, lake, measure=measure, first=first, last=last)
    invented = counts.arrivals_of(tx, lake, canaries.invented(tx), measure=measure, first=first, last=last)
    came = pl.concat([came, invented.with_columns(-pl.col("increment"))])
    placed = came.with_columns(area_code=pl.col("small_area").replace_strict(above, return_dtype=pl.String))
    return ground, placed.group_by("area_code", *design.groups).agg(pl.col("increment").sum())


def _up(code: str, parents: Mapping[str, str | None], chosen: Container[str]) -> str:
    """The area itself, or the one above it that was chosen."""
    here: str | None = code
    while here is not None and here not in chosen:
        here = parents[here]
    if here is None:
        raise Broken(f"Area {code} lies below nothing that was drawn at.")
    return here
