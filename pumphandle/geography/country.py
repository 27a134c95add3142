"""A whole nation, gathered from the files that its description names."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl

from pumphandle.geography import areas, barriers, boundaries, hierarchy, parents, picture, populations, postcode_tables
from pumphandle.geography.areas import Areas
from pumphandle.geography.barriers import Barrier
from pumphandle.geography.boundaries import Shape
from pumphandle.geography.description import Description, Level
from pumphandle.geography.faults import fault
from pumphandle.geography.files import Files
from pumphandle.geography.hierarchy import Hierarchy, Place
from pumphandle.geography.neighbours import neighbours
from pumphandle.geography.picture import Picture
from pumphandle.geography.postcode_tables import PostcodeTable
from pumphandle.geography.words import listed, thousands
from pumphandle.vocabulary.places import AreaLevel

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Country:
    """Everything that the reference shelf holds of a nation.

    areas      : area_code, level, name, parent, population, point_x, point_y; the nation among them
    postcodes  : as postcode_tables.read has them
    shares     : of postcodes that lie in several small areas: postcode, small_area, share
    shapes     : by area code, of every level that has them
    paths      : the same, on the national picture
    picture    : its frame
    barriers   : lines that part near places
    neighbours : of small areas, by small area
    district   : by small area
    notes      : sentences: what was read, and what was left out and why
    """

    areas: pl.DataFrame
    postcodes: pl.DataFrame
    shares: pl.DataFrame
    shapes: Mapping[str, Shape]
    paths: Mapping[str, str]
    picture: Picture
    barriers: tuple[Barrier, ...]
    neighbours: Mapping[str, list[str]]
    district: Mapping[str, str]
    notes: tuple[str, ...]


class _Gathering:
    """What has been read so far, level by level from the smallest."""

    def __init__(self, nation: Description, files: Files, progress: Progress) -> None:
        self.nation, self.files, self._progress = nation, files, progress
        self.areas: dict[AreaLevel, Areas] = {}
        self.shapes: dict[AreaLevel, dict[str, Shape]] = {}
        self.parent: dict[str, str | None] = {}
        self.people: dict[str, int | None] = {}
        self.barriers: tuple[Barrier, ...] = ()
        self.notes: list[str] = []

    def note(self, *sentences: str) -> None:
        for sentence in sentences:
            self.notes.append(sentence)
            self._progress(sentence)

    def plural(self, level: AreaLevel) -> str:
        return self.nation.level_names[level][1]


def read(nation: Description, folder: Path, *, progress: Progress) -> Country:
    """The nation as its files tell it. Raises BadDescription naming file, line or feature, field and remedy."""
    files = Files(folder, coordinates=nation.coordinates)
    found = _Gathering(nation, files, progress)
    _read_areas(found)
    _read_shapes(found)
    if nation.barriers is not None:
        found.barriers = barriers.read(folder, nation.barriers, coordinates=nation.coordinates)
        found.note(f"Barriers between places: {thousands(len(found.barriers))}, from {nation.barriers.file}.")
    _find_parents(found)
    tree = _tree(found)
    _read_people(found)
    small = found.areas[AreaLevel.SMALL_AREA].names
    table = postcode_tables.read(files, nation.postcodes, small_areas=small, pattern=nation.postcode_pattern)
    source = nation.postcodes.table.file if nation.postcodes.table else "the codes of the small areas"
    found.note(f"Postcodes: {thousands(table.postcodes.height)}, from {source}.")
    if table.shares.height:
        several = table.shares["postcode"].n_unique()
        found.note(
            f"Postcodes in several {found.plural(AreaLevel.SMALL_AREA)}, with the share of each: {thousands(several)}."
        )
    led_to = {*table.postcodes["small_area"].to_list(), *table.shares["small_area"].to_list()}
    empty = sorted(set(small) - led_to)
    if empty:
        found.note(f"{found.plural(AreaLevel.SMALL_AREA)} that no postcode leads to: {listed(empty)}.")
    return _country(found, tree, table)


def _read_areas(found: _Gathering) -> None:
    """Lists of every level; a code may stand for one area only, whatever its level."""
    taken: dict[str, str] = {found.nation.code: "nation.toml"}
    for level in found.nation.levels:
        listing = areas.read(found.files, level, plural=found.plural(level.level))
        for code in listing.names:
            if code in taken:
                remedy = "Give every area, of whatever level, a code of its own."
                what, line = f"{code} stands in {taken[code]} too", listing.lines[code]
                raise fault(what, file=listing.file, line=line, field="code", remedy=remedy)
            taken[code] = listing.file
        found.areas[level.level] = listing
        found.note(*listing.notes)


def _read_shapes(found: _Gathering) -> None:
    """Shapes from files. A feature that belongs to no area of any level is refused: one of both is wrong."""
    drawn: dict[tuple[str, str], set[str]] = defaultdict(set)
    for level in found.nation.levels:
        listing = found.areas[level.level]
        features = _features(found.files, level)
        by_own = {own: code for code, own in listing.own.items()}
        key = by_own if level.boundary is None else {code: code for code in listing.names}
        here = {key[name]: feature for name, feature in features.items() if name in key}
        found.shapes[level.level] = {code: feature.shape for code, feature in here.items()}
        if level.boundary is not None and level.boundary.table is not None:
            drawn[level.boundary.table.file, level.boundary.code or ""] |= set(here)
        mended = [code for code, feature in here.items() if feature.mended]
        if mended:
            found.note(f"{found.plural(level.level)} whose boundary crossed itself and was mended: {listed(mended)}.")
    for (file, code), taken in drawn.items():
        for feature in found.files.features(file):
            if (name := feature.properties.get(code)) not in taken and _is_meant(found.nation, file, feature):
                remedy = "Correct the code, add the area, or take the feature away."
                raise fault(f"{name} is no area", file=file, line=feature.place, field=code, remedy=remedy)


def _is_meant(nation: Description, file: str, feature: boundaries.Feature) -> bool:
    """Whether some level asks for this feature."""
    sources = [level.boundary.table for level in nation.levels if level.boundary and level.boundary.table]
    return any(
        table.file == file and all(feature.properties.get(column) == value for column, value in table.where)
        for table in sources
    )


def _features(files: Files, level: Level) -> dict[str, boundaries.Feature]:
    """A level's features by the areas' own key; none for a level that has no file of shapes."""
    source = level.boundary
    if source is not None and source.table is not None:
        return files.shapes(source.table, source.code or "")
    if source is None and areas.comes_with_shapes(level.areas):
        return files.shapes(level.areas.table, level.areas.code or level.areas.name)
    return {}


def _find_parents(found: _Gathering) -> None:
    levels = found.nation.levels
    for level, above in pairwise(levels):
        here, over = _for_rules(found, level), _for_rules(found, above)
        placed, notes = parents.find(level.parents, here=here, above=over, files=found.files)
        found.note(*notes)
        found.parent |= {code: placed.get(code) for code in here.areas.names}
        if above.boundary is not None and above.boundary.table is None:
            found.shapes[above.level] = _joined(found.shapes[level.level], placed)
    top = levels[-1]
    here = _for_rules(found, top)
    placed, _ = parents.find(top.parents, here=here, above=here, files=found.files)
    found.parent |= {code: placed.get(code, found.nation.code) for code in here.areas.names}
    for level in levels:
        bare = [code for code in found.areas[level.level].names if code not in found.shapes[level.level]]
        if bare:
            found.note(f"{found.plural(level.level)} without a boundary: {listed(bare)}.")


def _for_rules(found: _Gathering, level: Level) -> parents.Level:
    return parents.Level(
        areas=found.areas[level.level],
        described=level.areas,
        shapes=found.shapes[level.level],
        plural=found.plural(level.level),
    )


def _joined(shapes: Mapping[str, Shape], parent: Mapping[str, str]) -> dict[str, Shape]:
    below: dict[str, list[Shape]] = defaultdict(list)
    for code, over in parent.items():
        if code in shapes:
            below[over].append(shapes[code])
    outlines = {over: boundaries.joined(parts) for over, parts in sorted(below.items())}
    return {over: outline for over, outline in outlines.items() if outline is not None}


def _tree(found: _Gathering) -> Hierarchy:
    """The hierarchy, known to be sound."""
    levels = {code: level for level, listing in found.areas.items() for code in listing.names}
    listings = found.areas.values()
    places = {code: Place(listing.file, line) for listing in listings for code, line in listing.lines.items()}
    tree = Hierarchy(
        level={**levels, found.nation.code: AreaLevel.NATION}, parent={**found.parent, found.nation.code: None}
    )
    hierarchy.check(tree, places=places)
    for code in found.areas[AreaLevel.DISTRICT].names:
        if not tree.children(code):
            found.note(f"No small area lies in {found.areas[AreaLevel.DISTRICT].names[code]} ({code}).")
    return tree


def _read_people(found: _Gathering) -> None:
    for level in found.nation.levels:
        source, listing = level.population, found.areas[level.level]
        if source is None:
            found.people |= dict.fromkeys(listing.names)
            continue
        if source.table is not None:
            residents = populations.read(found.files, source, listing, plural=found.plural(level.level))
        else:
            sums = _sums(found)
            residents = populations.from_children(
                found.files, source, listing, children=sums, plural=found.plural(level.level)
            )
        found.people |= residents.by_area
        found.note(*residents.notes)
    found.people[found.nation.code] = _sums(found).get(found.nation.code)


def _sums(found: _Gathering) -> dict[str, int | None]:
    """People by parent, over the children whose people are known."""
    sums: dict[str, int | None] = {}
    for code, parent in found.parent.items():
        count = found.people.get(code)
        if parent is not None and count is not None:
            sums[parent] = (sums.get(parent) or 0) + count
    return sums


def _country(found: _Gathering, tree: Hierarchy, table: PostcodeTable) -> Country:
    nation = found.nation
    named = {code: name for listing in found.areas.values() for code, name in listing.names.items()}
    named[nation.code] = nation.name
    shapes = {code: shape for level in found.shapes.values() for code, shape in level.items()}
    for code in nation.moved:
        if code not in shapes:
            remedy = "Move areas that have one; an island's district is moved by its own line."
            raise fault(f"{code} has no boundary", file="nation.toml", field="picture.move", remedy=remedy)
    points = {code: boundaries.point(shape) for code, shape in shapes.items()}
    frame = picture.frame(shapes, coordinates=nation.coordinates, moved=nation.moved)
    paths: dict[str, str] = {}
    for level in found.shapes.values():
        if level:
            paths |= picture.paths(level, picture=frame, moved=nation.moved)
    rows = [
        (code, tree.level[code].value, name, tree.parent[code], found.people.get(code), *points.get(code, (None, None)))
        for code, name in named.items()
    ]
    schema = {"area_code": pl.String, "level": pl.String, "name": pl.String, "parent": pl.String}
    schema |= {"population": pl.Int64, "point_x": pl.Float64, "point_y": pl.Float64}
    small = found.areas[AreaLevel.SMALL_AREA].names
    return Country(
        areas=pl.DataFrame(rows, schema=schema, orient="row"),
        postcodes=table.postcodes,
        shares=table.shares,
        shapes=shapes,
        paths=paths,
        picture=frame,
        barriers=found.barriers,
        neighbours=neighbours(found.shapes[AreaLevel.SMALL_AREA]),
        district={code: district for code in small if (district := tree.district_of(code)) is not None},
        notes=tuple(found.notes),
    )
