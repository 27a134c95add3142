"""Residents of each area."""

from collections.abc import Mapping
from dataclasses import dataclass

from pumphandle.geography import tables
from pumphandle.geography.areas import Areas
from pumphandle.geography.description import PopulationSource
from pumphandle.geography.faults import fault
from pumphandle.geography.files import Files
from pumphandle.geography.words import listed, thousands

FAR_OFF = 0.1
"""A sum of small areas that differs from the published figure by more than a tenth is named."""


@dataclass(frozen=True)
class Residents:
    """People by area code (None: not known), and sentences about where everybody is."""

    by_area: dict[str, int | None]
    notes: tuple[str, ...]


def read(files: Files, source: PopulationSource, areas: Areas, *, plural: str) -> Residents:
    """From a file. Raises BadDescription for a number that is none, a code twice, a total other than stated."""
    published = _published(files, source)
    by_area = {code: published.get(code) for code in areas.names}
    file = source.table.file if source.table else ""
    people = sum(count or 0 for count in by_area.values())
    known = sum(count is not None for count in by_area.values())
    notes = [f"{plural}: {thousands(people)} people in {thousands(known)} areas, from {file}."]
    rest = {code: count or 0 for code, count in published.items() if code not in by_area}
    if rest:
        names = listed([f"{code} ({thousands(count)})" for code, count in sorted(rest.items())])
        whole = thousands(people + sum(rest.values()))
        notes.append(
            f"{file} counts {whole} people; {thousands(sum(rest.values()))} of them live in {len(rest)} "
            f"codes without an area here: {names}."
        )
    unknown = [code for code, count in by_area.items() if count is None]
    if unknown:
        notes.append(f"{plural} whose population is not known: {listed(unknown)}.")
    return Residents(by_area, tuple(notes))


def _published(files: Files, source: PopulationSource) -> dict[str, int | None]:
    table, code = source.table, source.code
    if table is None or code is None:
        return {}
    frame = files.lines(table, (code, *source.columns))
    if table.distinct:
        frame = frame.unique([code, *source.columns], keep="first", maintain_order=True)
    frame = tables.people(frame, source.columns, file=table.file)
    tables.filled(frame, code, file=table.file, remedy="Give every line the code of its area.")
    tables.single(frame, code, file=table.file, remedy="Each area's population may come once.")
    total = int(frame["population"].sum())
    if source.stated_total is not None and total != source.stated_total:
        what = f"adds up to {thousands(total)}, and {thousands(source.stated_total)} was stated"
        remedy = "Take the whole file from its publisher again, or correct stated_total."
        raise fault(what, file=table.file, field=", ".join(source.columns), remedy=remedy)
    rows = frame.select(code, "population").iter_rows()
    return {str(name): None if count is None else int(count) for name, count in rows}


def from_children(
    files: Files, source: PopulationSource, areas: Areas, *, children: Mapping[str, int | None], plural: str
) -> Residents:
    """The sums of the areas below, so that cases and people are counted over the same ground.

    children : people by area code, already added up; None where none of an area's children is known
    """
    by_area = {code: children.get(code) for code in areas.names}
    people = sum(count or 0 for count in by_area.values())
    notes = [f"{plural}: {thousands(people)} people, the sums of the areas below."]
    if source.compare is not None:
        notes.append(_compared(by_area, _published(files, source.compare), areas, file=_file(source.compare)))
    return Residents(by_area, tuple(notes))


def _file(source: PopulationSource) -> str:
    return source.table.file if source.table else ""


def _compared(
    by_area: Mapping[str, int | None], published: Mapping[str, int | None], areas: Areas, *, file: str
) -> str:
    far = [
        f"{areas.names[code]} {thousands(count)} for {thousands(stated)}"
        for code, count in by_area.items()
        if count is not None and (stated := published.get(code)) and abs(count / stated - 1) > FAR_OFF
    ]
    here = {code: count for code, count in published.items() if code in by_area}
    said = f"{file} counts {thousands(sum(count or 0 for count in here.values()))} people in these {len(here)} areas"
    rest = {code: count or 0 for code, count in published.items() if code not in by_area}
    if rest:
        said += f" and {thousands(sum(rest.values()))} elsewhere"
    if far:
        said += f"; {len(far)} differ by more than {FAR_OFF:.0%}: {listed(far)}"
    return f"{said}."
