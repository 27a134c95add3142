"""Reading a nation's description, and finding the one that fits a folder."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import available_timezones

from pumphandle.geography.description import BarrierSource, Coordinates, Description, Table
from pumphandle.geography.faults import fault
from pumphandle.geography.levels import level_of, one_of, pattern, postcodes_of
from pumphandle.geography.plain import plain_levels, plain_postcodes
from pumphandle.geography.postcodes import PSEUDO
from pumphandle.geography.section import Section
from pumphandle.vocabulary.errors import BadDescription
from pumphandle.vocabulary.places import AreaCode, AreaLevel

FILE: Final = "nation.toml"
LADDER: Final = (AreaLevel.SMALL_AREA, AreaLevel.DISTRICT, AreaLevel.REGION)


@dataclass(frozen=True)
class Chosen:
    """A description, the folder it stands in, and the folder with the files that it names."""

    description: Description
    folder: Path
    files: Path


def choose(folder: Path, *, descriptions: Path) -> Chosen:
    """The description for a folder of files: its own nation.toml or, without one, that which fits.

    folder       : holds the nation's files
    descriptions : holds one folder a known nation; one fits when every file that it names lies in `folder`

    Raises BadDescription when the folder is missing, when none fits, and when several do.
    """
    if not folder.is_dir():
        raise BadDescription(f"{folder.name}: there is no such folder. Give the folder that holds the nation's files.")
    if (folder / FILE).is_file():
        return Chosen(read(folder / FILE), folder=folder, files=folder)
    known = [(path, read(path)) for path in sorted(descriptions.glob(f"*/{FILE}"))]
    fitting = [(path, nation) for path, nation in known if all((folder / name).is_file() for name in files_of(nation))]
    if len(fitting) == 1:
        path, nation = fitting[0]
        return Chosen(nation, folder=path.parent, files=folder)
    if fitting:
        names = ", ".join(path.parent.name for path, _ in fitting)
        raise BadDescription(
            f"{folder.name}: several descriptions fit ({names}). Put the right {FILE} into the folder itself."
        )
    raise BadDescription(f"{folder.name}: {_nearest_miss(folder, known)}")


def _nearest_miss(folder: Path, known: Iterable[tuple[Path, Description]]) -> str:
    """Why no description fits: of the one that comes nearest, the first file that is not there."""
    misses = [(path, [name for name in files_of(nation) if not (folder / name).is_file()]) for path, nation in known]
    near = min(misses, key=lambda miss: len(miss[1]), default=None)
    if near is None or len(near[1]) == len(set(files_of(dict(known)[near[0]]))):
        return f"holds no {FILE} and fits no known nation. Describe it: docs/how-to/describe-a-nation.md."
    missing = near[1][0]
    return f"file {missing} is missing, which the description of {near[0].parent.name} names. Add the file."


def files_of(nation: Description) -> tuple[str, ...]:
    """Every file that a description names, each once."""
    tables: list[Table | None] = [nation.postcodes.table]
    for level in nation.levels:
        tables.append(level.areas.table)
        tables.append(level.areas.codes.table if level.areas.codes else None)
        tables.append(level.areas.called.table if level.areas.called else None)
        tables.append(level.boundary.table if level.boundary else None)
        source = level.population
        while source is not None:
            tables.append(source.table)
            source = source.compare
        tables.extend(rule.table for rule in level.parents)
    lines = [nation.barriers.file] if nation.barriers else []
    return tuple(dict.fromkeys([*(table.file for table in tables if table is not None), *lines]))


def read(path: Path) -> Description:
    """The description in one nation.toml. Raises BadDescription naming the key and what to write instead."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        remedy = "Write one: docs/how-to/describe-a-nation.md"
        raise fault("the file is missing", file=path.name, remedy=remedy) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        remedy = "Mend the TOML; the encoding is UTF-8."
        raise fault(f"cannot be read ({failure})", file=path.name, remedy=remedy) from None
    top = Section(content, file=path.name)
    names = _level_names(top.section("levels"))
    levels = tuple(level_of(section) for section in top.sections("level"))
    given = top.section_or_none("postcodes")
    picture = top.section_or_none("picture")
    elsewhere = top.text_or_none("postcode_elsewhere")
    nation = Description(
        name=top.text("name"),
        code=AreaCode(top.text("code")),
        vintage=top.text("vintage"),
        time_zone=_time_zone(top),
        identifier=top.text("identifier"),
        identifier_name=top.text("identifier_name"),
        postcode_pattern=pattern(top, "postcode_pattern", top.text("postcode_pattern")),
        attribution=top.text("attribution"),
        level_names=names,
        coordinates=Coordinates(one_of(top, "coordinates", Coordinates, otherwise=Coordinates.DEGREES)),
        moved=_moved(picture),
        levels=levels or plain_levels(tuple(names)),
        postcodes=postcodes_of(given) if given else plain_postcodes(),
        folder=path.parent.name,
        barriers=_barriers(top.section_or_none("barriers")),
        postcode_elsewhere=pattern(top, "postcode_elsewhere", elsewhere) if elsewhere else None,
        postcode_pseudo=pattern(top, "postcode_pseudo", top.text_or_none("postcode_pseudo") or PSEUDO),
    )
    top.done()
    _check_ladder(top, nation)
    return nation


def _check_ladder(top: Section, nation: Description) -> None:
    described = [level.level for level in nation.levels]
    if described != list(nation.level_names) or described not in (list(LADDER), list(LADDER[:2])):
        remedy = "Name and describe small_area, district and (if there is one) region, in this order, each once."
        raise top.wrong("level", f"describes {', '.join(described) or 'nothing'}", remedy=remedy)


def _level_names(section: Section) -> dict[AreaLevel, tuple[str, str]]:
    names: dict[AreaLevel, tuple[str, str]] = {}
    for level in LADDER:
        both = section.texts(level)
        if both and len(both) != 2:
            remedy = 'Write the word for one and for many: ["Ward", "Wards"].'
            raise section.wrong(level, f"has {len(both)} words", remedy=remedy)
        if both:
            names[level] = (both[0], both[1])
    section.done()
    return names


def _time_zone(top: Section) -> str:
    zone = top.text("time_zone")
    if zone not in available_timezones():
        raise top.wrong("time_zone", f"{zone} is not a time zone", remedy='Write one of the tz list: "Europe/London".')
    return zone


def _barriers(section: Section | None) -> BarrierSource | None:
    if section is None:
        return None
    named = {key: text for key in ("kind", "name") if (text := section.text_or_none(key)) is not None}
    source = BarrierSource(section.text("file"), **named)
    section.done()
    return source


def _moved(picture: Section | None) -> dict[str, tuple[float, float]]:
    if picture is None:
        return {}
    moved: dict[str, tuple[float, float]] = {}
    places = picture.section("move")
    for code in places.names():
        shift = places.numbers(code)
        if len(shift) != 2:
            raise places.wrong(code, f"has {len(shift)} numbers", remedy="Write how far east and how far north.")
        moved[code] = (shift[0], shift[1])
    picture.done()
    return moved
