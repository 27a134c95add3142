"""What a nation's description says, once read and found sound."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pumphandle.vocabulary.places import AreaCode, AreaLevel


class ParentRule(StrEnum):
    """How the area of the next level is found. Rules are tried in the order in which they are written."""

    COLUMN = "column"
    CORRESPONDENCE = "correspondence"
    OVERLAP = "overlap"
    GIVEN = "given"


class Coordinates(StrEnum):
    """What the numbers of the boundary files are."""

    DEGREES = "degrees"
    PLANE = "plane"


@dataclass(frozen=True)
class Table:
    """A file of lines or features, and which of them are meant.

    where    : column -> the only value that counts
    distinct : the file repeats its areas (a lookup); equal lines are one
    """

    file: str
    delimiter: str = ","
    encoding: str = "utf-8"
    where: tuple[tuple[str, str], ...] = ()
    distinct: bool = False


@dataclass(frozen=True)
class Names:
    """How two writings of a name are compared: `drop` (patterns taken away), then letters and digits only.

    same : their writing -> ours, where no pattern helps
    """

    drop: tuple[str, ...] = ()
    same: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Codes:
    """A file with codes and names, for a list of areas that has names only.

    own_names : the areas keep their own names; otherwise they take this file's, less what `names` drops
    """

    table: Table
    code: str
    name: str
    names: Names
    own_names: bool


@dataclass(frozen=True)
class Called:
    """A file that says what people call an area whose own name is a bare code: added behind it.

    separator : between several names in one cell
    """

    table: Table
    code: str
    name: str
    separator: str


@dataclass(frozen=True)
class AreaList:
    """The file with one line or feature an area."""

    table: Table
    name: str
    code: str | None
    codes: Codes | None
    called: Called | None = None


@dataclass(frozen=True)
class PopulationSource:
    """Residents: a file's columns added up, or (table None) the sum of the areas below.

    stated_total : what the publisher says the file adds up to
    compare      : for sums of the areas below: the publisher's own figures, compared and reported, not used
    """

    table: Table | None = None
    code: str | None = None
    columns: tuple[str, ...] = ()
    stated_total: int | None = None
    compare: "PopulationSource | None" = None


@dataclass(frozen=True)
class BoundarySource:
    """Shapes: features of a file, or (table None) the areas below joined."""

    table: Table | None = None
    code: str | None = None


@dataclass(frozen=True)
class Parents:
    """One rule. Only the fields of its kind are filled."""

    rule: ParentRule
    column: str | None = None
    table: Table | None = None
    child: str | None = None
    parent: str | None = None
    parent_name: str | None = None
    weight: str | None = None
    names: Names = Names()
    areas: tuple[tuple[str, str], ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Level:
    """Everything said about one level."""

    level: AreaLevel
    areas: AreaList
    population: PopulationSource | None
    boundary: BoundarySource | None
    parents: tuple[Parents, ...]


@dataclass(frozen=True)
class PostcodeSource:
    """The postcode table, or (table None) small areas that are themselves postcodes.

    x, y : columns that say where a postcode lies (east or longitude, north or latitude), or None
    coordinates : what they are, where they differ from the nation's
    share : column with the part of a postcode that lies in the line's area: a postcode may then have several lines
    valid_from, valid_to : columns with the first day on which it existed, and on which it no longer did
    """

    table: Table | None = None
    postcode: str = "postcode"
    small_area: str = "small_area"
    x: str | None = None
    y: str | None = None
    coordinates: Coordinates | None = None
    share: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None


@dataclass(frozen=True)
class BarrierSource:
    """Lines that part near places. kind, name : properties that say what each is and what it is called"""

    file: str
    kind: str = "kind"
    name: str = "name"


@dataclass(frozen=True)
class Description:
    """A nation, as its nation.toml tells it. `levels` runs from the smallest up, the nation itself not among them.

    moved : area -> (east, north), in the unit of the coordinates: far islands drawn nearer, on the picture only
    """

    name: str
    code: AreaCode
    vintage: str
    time_zone: str
    identifier: str
    identifier_name: str
    postcode_pattern: str
    attribution: str
    level_names: Mapping[AreaLevel, tuple[str, str]]
    coordinates: Coordinates
    moved: Mapping[str, tuple[float, float]]
    levels: tuple[Level, ...]
    postcodes: PostcodeSource
    folder: str
    barriers: BarrierSource | None = None
    postcode_elsewhere: str | None = None
    postcode_pseudo: str = "^ZZ99"
