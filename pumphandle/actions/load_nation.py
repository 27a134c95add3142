"""Load a nation: its areas, postcodes, populations and boundaries, from the files that its description names."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pumphandle.actions import choose_rule
from pumphandle.disclosure.nodes import combine
from pumphandle.geography import country, describe
from pumphandle.geography.country import Country
from pumphandle.geography.describe import Chosen
from pumphandle.governance import policy
from pumphandle.identity.identifiers import RULES
from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.identified.emptiness import has_records
from pumphandle.store.reference import replacing
from pumphandle.store.reference.nation import Nation
from pumphandle.vocabulary.errors import BadDescription, Refused
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel

DESCRIPTIONS: Final = Path(__file__).parents[2] / "nations"
"""Descriptions that come with this house, for folders that have none of their own."""


@dataclass(frozen=True)
class NationLoaded:
    """What a load brought.

    areas : how many of each level; `words`: what people here call several of them
    nodes : publication nodes: small areas, alone or combined below the population floor
    notes : sentences about what was read, and what was left out and why
    """

    name: str
    code: str
    folder: Path
    population: int | None
    areas: dict[AreaLevel, int]
    words: dict[AreaLevel, str]
    postcodes: int
    nodes: int
    notes: tuple[str, ...]


def load_nation(
    folder: Path,
    *,
    database: Database,
    by: Actor,
    at: datetime,
    progress: Callable[[str], None],
    descriptions: Path = DESCRIPTIONS,
) -> NationLoaded:
    """Put the nation that `folder` holds in the place of the one that is loaded, if any.

    progress     : told one sentence at a time
    descriptions : where to look when `folder` has no nation.toml: the one description whose files all lie in it

    All or nothing. Raises BadDescription for what is wrong with the files, Refused once results are kept: they are
    placed in areas of the nation that is loaded.
    """
    policy.check_can_run(by)
    with database.transaction() as tx:
        _check_replaceable(tx)  # first: reading a nation takes seconds
    chosen = describe.choose(folder, descriptions=descriptions)
    _check_identifier(chosen)
    found = country.read(chosen.description, chosen.files, progress=progress)
    with database.transaction() as tx:
        thresholds.seed_defaults(tx, at)
        choose_rule.seed(tx, at=at)
        described = chosen.description
        replacing.replace_all(
            tx,
            _row(chosen),
            found,
            coordinates=described.coordinates,
            postcode_coordinates=described.postcodes.coordinates,
        )
        _check_replaceable(tx)  # again, behind the lock: a run may have linked meanwhile
        nodes = _put_nodes(tx, found)
        loaded = _loaded(chosen, found, nodes=nodes)
        audit.add(tx, deed="load_nation", subject=_subject(loaded), by=by, at=at)
    progress(f"Loaded {loaded.name}.")
    return loaded


def _check_replaceable(tx: Transaction) -> None:
    if has_records(tx):
        raise Refused(
            "Results are kept here already, placed in the areas of the nation that is loaded: it stays. "
            "Load another nation into an empty home (setting PUMPHANDLE_HOME)."
        )


def _check_identifier(chosen: Chosen) -> None:
    if chosen.description.identifier not in RULES:
        raise BadDescription(
            f"{describe.FILE}, field identifier: {chosen.description.identifier} is no rule of ours. "
            f"Write one of {', '.join(sorted(RULES))}."
        )


def _row(chosen: Chosen) -> Nation:
    nation = chosen.description
    return Nation(
        code=nation.code,
        name=nation.name,
        vintage=nation.vintage,
        time_zone=nation.time_zone,
        identifier=nation.identifier,
        identifier_name=nation.identifier_name,
        postcode_pattern=nation.postcode_pattern,
        level_names={level.value: list(words) for level, words in nation.level_names.items()},
        attribution=nation.attribution,
        folder=str(chosen.folder.resolve()),
        postcode_elsewhere=nation.postcode_elsewhere,
        postcode_pseudo=nation.postcode_pseudo,
    )


def _put_nodes(tx: Transaction, found: Country) -> int:
    """Combine small areas below the population floor. Returns how many nodes there are."""
    floor = thresholds.current(tx, "population_floor")
    small = found.areas.filter(level=AreaLevel.SMALL_AREA.value)
    population = {str(code): people for code, people in small.select("area_code", "population").iter_rows()}
    nodes = combine(population, found.neighbours, found.district, floor=floor.value)
    replacing.put_nodes(tx, nodes, rule_version=floor.version)
    return len(set(nodes.values()))


def _loaded(chosen: Chosen, found: Country, *, nodes: int) -> NationLoaded:
    levels = found.areas["level"].to_list()
    nation = chosen.description
    people = found.areas.filter(area_code=nation.code)["population"].item()
    return NationLoaded(
        name=nation.name,
        code=nation.code,
        folder=chosen.folder,
        population=None if people is None else int(people),
        areas={level: levels.count(level.value) for level in AreaLevel},
        words={level: words[1] for level, words in nation.level_names.items()},
        postcodes=found.postcodes.height,
        nodes=nodes,
        notes=found.notes,
    )


def _subject(loaded: NationLoaded) -> dict[str, object]:
    counts: dict[str, object] = {level.value: number for level, number in loaded.areas.items()}
    return {
        "nation_code": loaded.code,
        "population": loaded.population,
        "postcodes": loaded.postcodes,
        "nodes": loaded.nodes,
        **counts,
    }
