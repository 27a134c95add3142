"""In which area of the next level an area lies: by its own column, correspondence, overlap, or given by hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from shapely import STRtree

from pumphandle.geography import names, tables
from pumphandle.geography.areas import Areas
from pumphandle.geography.boundaries import Shape
from pumphandle.geography.description import AreaList, ParentRule, Parents
from pumphandle.geography.faults import fault
from pumphandle.geography.files import Files
from pumphandle.geography.words import listed, thousands

HALF = 0.5


@dataclass(frozen=True)
class Level:
    """The areas of one level with their shapes, and how they were described."""

    areas: Areas
    described: AreaList
    shapes: Mapping[str, Shape]
    plural: str


@dataclass(frozen=True)
class Answer:
    """One rule's parents by area code; `share` of the area that lies there, where the rule knows it."""

    parent: Mapping[str, str]
    share: Mapping[str, float]
    note: str


def find(
    rules: Iterable[Parents], *, here: Level, above: Level, files: Files
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Each area's parent, by the first rule that knows one; and sentences about which rule found how many.

    An area that no rule places is not in the result. What a column says is taken as it stands: hierarchy.check judges.
    """
    parent: dict[str, str] = {}
    notes: list[str] = []
    for rule in rules:
        waiting = [code for code in here.areas.names if code not in parent]
        if not waiting:
            break
        answer = _answer(rule, waiting, here=here, above=above, files=files)
        parent.update(answer.parent)
        if answer.note:
            notes.append(answer.note)
        split = [f"{code} ({answer.share[code]:.0%})" for code in answer.parent if answer.share.get(code, 1) < HALF]
        if split:
            notes.append(f"{here.plural} of which less than half lies in the parent chosen: {listed(split)}.")
    return parent, tuple(notes)


def _answer(rule: Parents, waiting: Sequence[str], *, here: Level, above: Level, files: Files) -> Answer:
    if rule.rule is ParentRule.COLUMN:
        return _by_column(rule, waiting, here=here, files=files)
    if rule.rule is ParentRule.CORRESPONDENCE:
        return _by_correspondence(rule, waiting, here=here, above=above, files=files)
    if rule.rule is ParentRule.GIVEN:
        return _given(rule, waiting, here=here, above=above)
    return _by_overlap(waiting, here=here, above=above)


def _by_column(rule: Parents, waiting: Sequence[str], *, here: Level, files: Files) -> Answer:
    column = rule.column or ""
    key = here.described.code or here.described.name
    frame = files.lines(here.described.table, (key, column)).drop_nulls(column)
    frame = frame.unique([key, column], keep="first", maintain_order=True)
    said = {str(own): str(parent) for own, parent in frame.select(key, column).iter_rows()}
    tables.single(frame, key, file=here.areas.file, remedy=f"One area has one parent; column {column} gives several.")
    found = {code: said[here.areas.own[code]] for code in waiting if here.areas.own[code] in said}
    return Answer(found, {}, "")


def _by_correspondence(rule: Parents, waiting: Sequence[str], *, here: Level, above: Level, files: Files) -> Answer:
    """The parent with the largest sum of weights; ties go to the first code or name. A parent that is no area of the
    level above is no answer, even where a smaller share lies in one that is."""
    table, child = rule.table, rule.child or ""
    target, weight = rule.parent or rule.parent_name or "", rule.weight or ""
    if table is None:
        return Answer({}, {}, "")
    frame = files.lines(table, (child, target, weight)).drop_nulls([child, target])
    _check_weights(frame, weight, file=table.file)
    largest = (
        frame.filter(pl.col(child).is_in(list(waiting)))
        .group_by(child, target)
        .agg(pl.col(weight).cast(pl.Float64).sum().alias("weight"))
        .with_columns((pl.col("weight") / pl.col("weight").sum().over(child)).alias("share"))
        .sort("weight", target, descending=[True, False])
        .unique(child, keep="first", maintain_order=True)
        .sort(child)
    )
    codes: dict[str, str | None] = {code: code for code in above.areas.names}
    plain = names.by_plain_name(above.areas.names, rule.names)
    parent: dict[str, str] = {}
    share: dict[str, float] = {}
    for one, named, part in largest.select(child, target, "share").iter_rows():
        code = codes.get(named) if rule.parent else plain.get(names.plainly(named, rule.names))
        if code is not None:
            parent[one], share[one] = code, part
    note = f"{here.plural}: {thousands(len(parent))} placed by {table.file}"
    elsewhere = [f"{one} ({named})" for one, named in largest.select(child, target).iter_rows() if one not in parent]
    if elsewhere:
        note += f"; it puts {len(elsewhere)} into an area that is none here: {listed(elsewhere)}"
    return Answer(parent, share, f"{note}.")


def _check_weights(frame: pl.DataFrame, weight: str, *, file: str) -> None:
    number = pl.col(weight).cast(pl.Float64, strict=False)
    wrong = frame.filter(number.is_null() | ~number.is_finite() | (number < 0))
    if wrong.height:
        line, value = int(wrong.item(0, tables.LINE)), wrong.item(0, weight)
        remedy = "A weight is a number, 0 or more: the share of the area, or what was counted there."
        raise fault(f"{value or 'nothing'} is no weight", file=file, line=line, field=weight, remedy=remedy)


def _given(rule: Parents, waiting: Sequence[str], *, here: Level, above: Level) -> Answer:
    for code, parent in rule.areas:
        if code not in here.areas.names or parent not in above.areas.names:
            unknown = parent if code in here.areas.names else code
            remedy = "Correct [level.parent.areas]: area code = code of its parent."
            raise fault(f"{unknown} is no area", file="nation.toml", field="level.parent.areas", remedy=remedy)
    parent = {code: given for code, given in rule.areas if code in waiting}
    said = listed([f"{code} in {above.areas.names[given]}" for code, given in parent.items()])
    return Answer(parent, {}, f"Given by hand: {said}. {rule.reason}")


def _by_overlap(waiting: Sequence[str], *, here: Level, above: Level) -> Answer:
    """The parent that covers the largest part of the area."""
    codes = [code for code in waiting if code in here.shapes]
    targets = sorted(above.shapes)
    if not codes or not targets:
        return Answer({}, {}, "")
    drawn = np.array([here.shapes[code] for code in codes], dtype=object)
    covers = np.array([above.shapes[code] for code in targets], dtype=object)
    pairs: list[tuple[int, int]] = STRtree(covers).query(drawn, predicate="intersects").T.tolist()
    parent: dict[str, str] = {}
    share: dict[str, float] = {}
    for place, cover in pairs:
        code, whole = codes[place], here.shapes[codes[place]]
        part = whole.intersection(above.shapes[targets[cover]]).area / whole.area
        if part > share.get(code, 0.0):
            parent[code], share[code] = targets[cover], part
    note = f"{here.plural}: {thousands(len(parent))} placed by the largest overlap of boundaries."
    return Answer(parent, share, note)
