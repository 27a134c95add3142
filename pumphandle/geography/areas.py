"""The list of the areas of one level."""

from dataclasses import dataclass
from typing import Final

from pumphandle.geography import names, tables
from pumphandle.geography.description import AreaList, Level
from pumphandle.geography.faults import fault
from pumphandle.geography.files import Files, is_geojson
from pumphandle.geography.words import listed, thousands

MOST_NAMES: Final = 3
"""Of what people call an area, so many are written behind its code."""


@dataclass(frozen=True)
class Areas:
    """Names and places by area code, in the order of the file.

    names  : what people call the area
    lines  : its place in `file`
    own    : its code or name as that file writes it
    notes  : sentences about what was found
    """

    names: dict[str, str]
    lines: dict[str, int]
    own: dict[str, str]
    file: str
    notes: tuple[str, ...]


def read(files: Files, level: Level, *, plural: str) -> Areas:
    """Every area of a level. Raises BadDescription for a code or name that is missing, double or without partner."""
    described = level.areas
    table = described.table
    key = described.code or described.name
    frame = files.lines(table, (key, described.name))
    if table.distinct:
        frame = frame.unique([key, described.name], keep="first", maintain_order=True)
    if not frame.height:
        raise fault(f"has no area of level {level.level}", file=table.file, remedy="Check the file and `where`.")
    tables.filled(frame, key, file=table.file, remedy="Give every area a code.")
    tables.single(frame, key, file=table.file, remedy="Each area may come once; a code has one name.")
    tables.filled(frame, described.name, file=table.file, remedy="Give every area a name.")
    own = [str(value) for value in frame[key].to_list()]
    lines = [int(value) for value in frame[tables.LINE].to_list()]
    written = [str(value) for value in frame[described.name].to_list()]
    first = f"{plural}: {thousands(len(own))}, from {table.file}."
    if described.codes is None:
        called = _called(files, described, own, written)
        return _areas(own, called, lines, own, file=table.file, notes=(first,))
    codes, better, notes = _coded(files, described, list(zip(own, lines, strict=True)))
    return _areas(codes, better, lines, own, file=table.file, notes=(first, *notes))


def _called(files: Files, described: AreaList, codes: list[str], written: list[str]) -> list[str]:
    """Each area's name with what people call it behind: "2049 Lewisham, Petersham"."""
    source = described.called
    if source is None:
        return written
    frame = files.lines(source.table, (source.code, source.name)).drop_nulls()
    known = {str(code): str(name) for code, name in frame.select(source.code, source.name).iter_rows()}
    words = [[word.strip() for word in known.get(code, "").split(source.separator) if word.strip()] for code in codes]
    shown = [", ".join(some[:MOST_NAMES]) + (" …" if len(some) > MOST_NAMES else "") for some in words]
    return [f"{name} {call}".strip() for name, call in zip(written, shown, strict=True)]


def _areas(
    codes: list[str], written: list[str], lines: list[int], own: list[str], *, file: str, notes: tuple[str, ...]
) -> Areas:
    return Areas(
        names=dict(zip(codes, written, strict=True)),
        lines=dict(zip(codes, lines, strict=True)),
        own=dict(zip(codes, own, strict=True)),
        file=file,
        notes=notes,
    )


def _coded(
    files: Files, described: AreaList, written: list[tuple[str, int]]
) -> tuple[list[str], list[str], tuple[str, ...]]:
    """Codes and, unless they keep their own, names, for areas that come with a name only."""
    source = described.codes
    if source is None:
        return [], [], ()
    frame = files.lines(source.table, (source.code, source.name)).drop_nulls()
    frame = frame.unique([source.code, source.name], keep="first", maintain_order=True)
    tables.single(frame, source.code, file=source.table.file, remedy="A code may have one name only.")
    known = {str(code): str(name) for code, name in frame.select(source.code, source.name).iter_rows()}
    partner = names.by_plain_name(known, source.names)
    codes: list[str] = []
    for name, line in written:
        code = partner.get(names.plainly(name, source.names))
        if code is None or code in codes:
            found = "no partner" if code is None else "the same partner as another"
            remedy = f'Say which it is in [level.areas.codes.same]: "{name}" = "…".'
            raise fault(
                f"{name} has {found} in {source.table.file}",
                file=described.table.file,
                line=line,
                field=described.name,
                remedy=remedy,
            )
        codes.append(code)
    rest = [f"{name} ({code})" for code, name in known.items() if code not in set(codes)]
    better = [names.shortened(known[code], source.names) for code in codes]
    taken = f"Codes from {source.table.file}, by name."
    left = f"{taken} It also names what is no area here: {listed(rest)}." if rest else taken
    return codes, [name for name, _ in written] if source.own_names else better, (left,)


def comes_with_shapes(described: AreaList) -> bool:
    return is_geojson(described.table)
