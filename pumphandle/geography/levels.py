"""Reading what a description says about each level, and about postcodes."""

import re
from collections.abc import Iterable

from pumphandle.geography.description import (
    AreaList,
    BoundarySource,
    Called,
    Codes,
    Coordinates,
    Level,
    Names,
    ParentRule,
    Parents,
    PopulationSource,
    PostcodeSource,
    Table,
)
from pumphandle.geography.section import Section
from pumphandle.vocabulary.places import AreaLevel


def pattern(section: Section, key: str, text: str) -> str:
    """`text` itself, once it is known to be a regular expression."""
    try:
        re.compile(text)
    except re.error as failure:
        remedy = "Mend it; patterns are Python's."
        raise section.wrong(key, f"is not a regular expression ({failure})", remedy=remedy) from None
    return text


def one_of(section: Section, key: str, words: Iterable[str], *, otherwise: str | None = None) -> str:
    """The text under `key`, which must be one of `words`; `otherwise` where the key is absent."""
    known = tuple(words)
    text = section.text_or_none(key) if otherwise is not None else section.text(key)
    if text is None:
        text = otherwise or ""
    if text not in known:
        raise section.wrong(key, f"{text} is not known", remedy=f"Write one of {', '.join(known)}.")
    return text


def level_of(section: Section) -> Level:
    """One [[level]] table. Raises BadDescription for a key that is missing, unknown or contradicts another."""
    areas = section.section("areas")
    found = Level(
        level=AreaLevel(one_of(section, "level", AreaLevel)),
        areas=_area_list(areas),
        population=_population(section.section_or_none("population")),
        boundary=_boundary(section.section_or_none("boundary")),
        parents=tuple(_parents(rule) for rule in section.sections("parent")),
    )
    section.done()
    if found.level is not AreaLevel.REGION and not found.parents:
        remedy = 'Say how an area\'s parent is found: [[level.parent]] with rule = "column", "correspondence", …'
        raise section.wrong("parent", "is missing", remedy=remedy)
    return found


def _table(section: Section) -> Table:
    return Table(
        file=section.text("file"),
        delimiter=section.text_or_none("delimiter") or ",",
        encoding=section.text_or_none("encoding") or "utf-8",
        where=section.pairs("where"),
        distinct=section.yes("distinct"),
    )


def _names(section: Section) -> Names:
    drop = tuple(pattern(section, "drop", text) for text in section.texts("drop"))
    return Names(drop=drop, same=section.pairs("same"))


def _area_list(section: Section) -> AreaList:
    codes, called = section.section_or_none("codes"), section.section_or_none("called")
    areas = AreaList(
        table=_table(section),
        name=section.text("name"),
        code=section.text_or_none("code"),
        codes=None if codes is None else _codes(codes),
        called=None if called is None else _called(called),
    )
    section.done()
    if (areas.code is None) == (areas.codes is None):
        remedy = "Give either code (a column with codes) or [level.areas.codes] (a file that has codes and names)."
        raise section.wrong("code", "is missing or given twice", remedy=remedy)
    return areas


def _called(section: Section) -> Called:
    called = Called(
        table=_table(section),
        code=section.text("code"),
        name=section.text("name"),
        separator=section.text_or_none("separator") or ";",
    )
    section.done()
    return called


def _codes(section: Section) -> Codes:
    codes = Codes(
        table=_table(section),
        code=section.text("code"),
        name=section.text("name"),
        names=_names(section),
        own_names=section.yes("own_names"),
    )
    section.done()
    return codes


def _from_children(section: Section) -> bool:
    """True for from = "children", the only other source than a file."""
    source = section.text_or_none("from")
    if source is None:
        return False
    if source != "children":
        raise section.wrong("from", f"{source} is not known", remedy='Write from = "children", or name a file.')
    return True


def _population(section: Section | None) -> PopulationSource | None:
    if section is None:
        return None
    if _from_children(section):
        source = PopulationSource(compare=_population(section.section_or_none("compare")))
        section.done()
        return source
    source = PopulationSource(
        table=_table(section),
        code=section.text("code"),
        columns=section.texts("columns"),
        stated_total=section.whole_number_or_none("stated_total"),
    )
    section.done()
    if not source.columns:
        raise section.wrong("columns", "is missing", remedy="Name the columns to be added up.")
    return source


def _boundary(section: Section | None) -> BoundarySource | None:
    if section is None:
        return None
    if _from_children(section):
        section.done()
        return BoundarySource()
    source = BoundarySource(table=_table(section), code=section.text("code"))
    section.done()
    return source


def _parents(section: Section) -> Parents:
    rule = ParentRule(one_of(section, "rule", ParentRule))
    if rule is ParentRule.COLUMN:
        parents = Parents(rule, column=section.text("column"))
    elif rule is ParentRule.CORRESPONDENCE:
        parents = Parents(
            rule,
            table=_table(section),
            child=section.text("child"),
            parent=section.text_or_none("parent"),
            parent_name=section.text_or_none("parent_name"),
            weight=section.text("weight"),
            names=_names(section),
        )
        if (parents.parent is None) == (parents.parent_name is None):
            remedy = "Name the column of the parent's code (parent) or of its name (parent_name), not both."
            raise section.wrong("parent", "is missing or given twice", remedy=remedy)
    elif rule is ParentRule.GIVEN:
        parents = Parents(rule, areas=section.pairs("areas"), reason=section.text("reason"))
    else:
        parents = Parents(rule)
    section.done()
    return parents


def postcodes_of(section: Section) -> PostcodeSource:
    """The [postcodes] table."""
    source = section.text_or_none("from")
    if source is not None:
        if source != "small_area":
            raise section.wrong("from", f"{source} is not known", remedy='Write from = "small_area", or name a file.')
        section.done()
        return PostcodeSource()
    given = one_of(section, "coordinates", Coordinates, otherwise="") if "coordinates" in section else None
    found = PostcodeSource(
        table=_table(section),
        postcode=section.text("postcode"),
        small_area=section.text("small_area"),
        x=section.text_or_none("x"),
        y=section.text_or_none("y"),
        coordinates=None if given is None else Coordinates(given),
        share=section.text_or_none("share"),
        valid_from=section.text_or_none("valid_from"),
        valid_to=section.text_or_none("valid_to"),
    )
    section.done()
    if (found.x is None) != (found.y is None):
        raise section.wrong("x" if found.x is None else "y", "is missing", remedy="Name both columns, or neither.")
    return found
