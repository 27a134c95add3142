"""Which person a line is about: the national identifier first, then everything else it says, weighed.

A pair that is certain is linked, one that is possible waits for a person to decide, any other is two people.
Two different identifiers are never one person; neither are two lines merged by guess.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pumphandle.identity.descriptions import BLOCKS, DETAILS
from pumphandle.identity.pseudonyms import person_key
from pumphandle.identity.scoring import Model, score

LINE_SCHEMA: Final[dict[str, Any]] = {
    "record_key": pl.String,
    "version": pl.Int32,
    "national_id": pl.String,
    "person_given": pl.String,
    "previous": pl.String,
    **dict.fromkeys((*DETAILS, *BLOCKS), pl.String),
}
PERSON_SCHEMA: Final[dict[str, Any]] = {
    "unique_id": pl.String,
    "person_key": pl.String,
    "national_id": pl.String,
    **dict.fromkeys((*DETAILS, *BLOCKS), pl.String),
}

"""unique_id is the person's own key; person_key that of the person they were merged into, mostly the same."""


@dataclass(frozen=True)
class Linked:
    """keys     : record_key, person_key, one row a line
    new      : persons minted (PERSON_SCHEMA)
    learnt   : person_key, national_id of known persons whose identifier came to light
    possible : person_key, other_key, probability: pairs that a person must decide
    doubted  : lines whose identifier is another's: it named a person of other names and another birthday
    """

    keys: pl.DataFrame
    new: pl.DataFrame
    learnt: pl.DataFrame
    possible: pl.DataFrame
    doubted: int


def doubtful(lines: pl.DataFrame, bearers: pl.DataFrame) -> pl.DataFrame:
    """record_key of lines whose identifier belongs to somebody with other names and another date of birth."""
    both = lines.filter(pl.col("national_id").is_not_null()).join(
        bearers.select("national_id", *(pl.col(name).alias(f"their_{name}") for name in DETAILS[:3])),
        on="national_id",
    )
    differ = [(pl.col(name) != pl.col(f"their_{name}")).fill_null(False) for name in DETAILS[:3]]
    exchanged = (pl.col("family_name") == pl.col("their_given_name")).fill_null(False)
    return both.filter(pl.all_horizontal(differ) & ~exchanged).select("record_key")


def link(
    lines: pl.DataFrame, bearers: pl.DataFrame, alike: pl.DataFrame, *, population: int, using: Model, key: bytes
) -> Linked:
    """Give every line its person.

    lines   : LINE_SCHEMA, as described; national_id only where it can be right; person_given where somebody decided
    bearers : PERSON_SCHEMA, every person who bears one of the lines' identifiers, and every `previous`
    alike   : PERSON_SCHEMA, persons who share a block with a line that no identifier settles (`unsettled`)

    A corrected record stays with its person unless what it says now is somebody else. The same lines and persons, in
    whatever order, give the same keys.
    """
    lines = lines.sort("record_key")
    doubted = doubtful(lines, bearers)
    trusted = lines.with_columns(
        national_id=pl.when(~pl.col("record_key").is_in(doubted["record_key"].implode())).then("national_id")
    )
    given = trusted.filter(pl.col("person_given").is_not_null()).select("record_key", person_key="person_given")
    rest = trusted.filter(pl.col("person_given").is_null())
    known = bearers.drop_nulls("national_id").select("national_id", "person_key").unique("national_id")
    by_identifier = rest.join(known, on="national_id").select("record_key", "person_key")
    left = rest.join(by_identifier, on="record_key", how="anti")
    stay = _staying(left, bearers)
    left = left.join(stay, on="record_key", how="anti")
    found = _weigh(left, alike, population=population, using=using, key=key)
    learnt = pl.concat([_learnt(rest, stay, bearers), found.learnt]).unique(
        "person_key", keep="first", maintain_order=True
    )
    return Linked(
        keys=pl.concat([given, by_identifier, stay, found.keys]).sort("record_key"),
        new=found.new,
        learnt=learnt,
        possible=found.possible,
        doubted=doubted.height,
    )


def unsettled(lines: pl.DataFrame, bearers: pl.DataFrame) -> pl.DataFrame:
    """Lines that neither an identifier nor a decision settles: whose blocks must be looked up."""
    doubted = doubtful(lines, bearers)
    trusted = lines.with_columns(
        national_id=pl.when(~pl.col("record_key").is_in(doubted["record_key"].implode())).then("national_id")
    )
    borne = bearers.drop_nulls("national_id").select("national_id").unique()
    return trusted.filter(pl.col("person_given").is_null()).join(borne, on="national_id", how="anti")


def _staying(left: pl.DataFrame, bearers: pl.DataFrame) -> pl.DataFrame:
    """Corrected records whose person can still be theirs: no other identifier, and a name or the birthday as before."""
    theirs = bearers.unique("unique_id").select(
        "unique_id",
        "person_key",
        pl.col("national_id").alias("their_id"),
        *(pl.col(one).alias(f"their_{one}") for one in DETAILS[:3]),
    )
    met = left.filter(pl.col("previous").is_not_null()).join(theirs, left_on="previous", right_on="unique_id")
    same = pl.any_horizontal([(pl.col(one) == pl.col(f"their_{one}")).fill_null(False) for one in DETAILS[:3]])
    nothing = pl.all_horizontal([pl.col(one).is_null() for one in DETAILS[:3]])
    free = (
        pl.col("national_id").is_null() | pl.col("their_id").is_null() | (pl.col("national_id") == pl.col("their_id"))
    )
    return met.filter(free & (same | nothing)).select("record_key", "person_key")


def _learnt(lines: pl.DataFrame, keys: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Identifiers that lines bring to persons who had none; each identifier and each person once."""
    without = persons.filter(pl.col("national_id").is_null()).select("person_key")
    return (
        lines.drop_nulls("national_id")
        .join(keys, on="record_key")
        .join(without, on="person_key", how="semi")
        .select("person_key", "national_id")
        .unique("person_key", keep="first", maintain_order=True)
        .unique("national_id", keep="first", maintain_order=True)
    )


def _weigh(left: pl.DataFrame, alike: pl.DataFrame, *, population: int, using: Model, key: bytes) -> Linked:
    """Lines that say the same are one description; descriptions are weighed against persons and each other."""
    said = ["national_id", *DETAILS]
    bare = pl.all_horizontal([pl.col(name).is_null() for name in ("national_id", *DETAILS[:3])])
    numbered = left.with_row_index("row").with_columns(
        group=pl.when(bare)
        .then(pl.lit("alone ") + pl.col("record_key"))
        .otherwise(
            pl.when(pl.col("national_id").is_not_null())
            .then(pl.lit("id ") + pl.col("national_id"))
            .otherwise(pl.lit("as ") + pl.struct(said).hash(seed=1).cast(pl.String))
        )
    )
    first = numbered.unique("group", keep="first", maintain_order=True).with_columns(unique_id="record_key")
    persons = alike
    pairs = _pairs(first, persons, population=population, using=using)
    joined = _joined(first, persons, pairs, using)
    minted = joined.filter(pl.col("person_key").is_null())
    heads = minted.group_by("component").agg(pl.col("record_key").min())
    versions = first.select("record_key", "version")
    fresh = heads.join(versions, on="record_key").sort("record_key")
    keys = [person_key(key, record, version) for record, version in fresh.select("record_key", "version").iter_rows()]
    fresh = fresh.select("component", person_new=pl.Series(keys, dtype=pl.String))
    settled = joined.join(fresh, on="component", how="left").with_columns(
        person_key=pl.coalesce("person_key", "person_new"), is_new=pl.col("person_key").is_null()
    )
    groups = first.select("group", "record_key").join(
        settled.select("record_key", "person_key", "is_new"), on="record_key"
    )
    per_line = numbered.select("record_key", "group", "national_id").join(
        groups.select("group", "person_key", "is_new"), on="group"
    )
    details = first.join(settled.select("record_key", "person_key", "is_new"), on="record_key")
    fullest = pl.sum_horizontal([pl.col(name).is_not_null() for name in said])
    new = (
        details.filter("is_new")
        .sort(pl.col("national_id").is_null(), -fullest.cast(pl.Int32), "record_key")
        .unique("person_key", keep="first", maintain_order=True)
        .with_columns(unique_id="person_key")
        .select(list(PERSON_SCHEMA))
        .sort("person_key")
    )
    learnt = _learnt(
        numbered,
        per_line.filter(~pl.col("is_new")).select("record_key", "person_key"),
        persons.select("person_key", "national_id"),
    )
    return Linked(
        keys=per_line.select("record_key", "person_key"),
        new=new,
        learnt=learnt,
        possible=_possible(pairs, settled, persons, using),
        doubted=0,
    )


def _pairs(first: pl.DataFrame, persons: pl.DataFrame, *, population: int, using: Model) -> pl.DataFrame:
    """left, right, probability of every pair that may be one person; two identifiers never are."""
    weighed = first.filter(pl.any_horizontal([pl.col(block).is_not_null() for block in BLOCKS]))
    near = _sharing(weighed, persons)
    with_persons = score(_sharing(near, weighed), near, population=population, using=using)
    among = _sharing_among(weighed)
    return pl.concat([with_persons, score(among, among, population=population, using=using)])


def _sharing(these: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Those of `others` that share a block with one of `these`."""
    shared = [
        others.drop_nulls(block).join(these.drop_nulls(block).select(block), on=block, how="semi").select("unique_id")
        for block in BLOCKS
    ]
    return others.join(pl.concat(shared).unique(), on="unique_id", how="semi", maintain_order="left")


def _sharing_among(these: pl.DataFrame) -> pl.DataFrame:
    """Those that share a block with another of them, one of the two without an identifier."""
    found = [
        these.drop_nulls(block)
        .filter((pl.len().over(block) > 1) & pl.col("national_id").is_null().any().over(block))
        .select("unique_id")
        for block in BLOCKS
    ]
    return these.join(pl.concat(found).unique(), on="unique_id", how="semi", maintain_order="left")


def _joined(first: pl.DataFrame, persons: pl.DataFrame, pairs: pl.DataFrame, using: Model) -> pl.DataFrame:
    """record_key, component, person_key (null: to be minted).

    Certain pairs join; what would join two known persons, or two identifiers, joins neither: it stays in doubt.
    """
    nodes = pl.concat([first["unique_id"], persons["unique_id"]]).unique().sort()
    place = nodes.to_frame("unique_id").with_row_index("node")
    certain = pairs.filter(pl.col("probability") >= using.certain).sort("probability", descending=True)
    edges = certain.join(place.rename({"unique_id": "left", "node": "a"}), on="left").join(
        place.rename({"unique_id": "right", "node": "b"}), on="right"
    )
    component = _components(len(nodes), edges)
    table = place.with_columns(component=pl.Series(component))
    bearing = pl.concat([first.select("unique_id", "national_id"), persons.select("unique_id", "national_id")]).unique(
        "unique_id"
    )
    known = table.join(persons.select("unique_id", "person_key"), on="unique_id", how="left").join(
        bearing, on="unique_id", how="left"
    )
    clashing = (
        known.group_by("component")
        .agg(
            persons=pl.col("person_key").n_unique() - pl.col("person_key").has_nulls().cast(pl.UInt32),
            numbers=pl.col("national_id").drop_nulls().n_unique(),
        )
        .filter((pl.col("persons") > 1) | (pl.col("numbers") > 1))
    )
    known = known.with_columns(clash=pl.col("component").is_in(clashing["component"].implode()))
    best = _best_of_clashing(certain, known)
    owner = known.filter(~pl.col("clash")).drop_nulls("person_key").select("component", owner="person_key")
    lines = first.select(record_key="unique_id").join(
        known.select(record_key="unique_id", component="component", clash="clash", node="node"), on="record_key"
    )
    return (
        lines.join(owner, on="component", how="left")
        .join(best, on="record_key", how="left")
        .with_columns(
            person_key=pl.when("clash").then("best").otherwise("owner"),
            component=pl.when("clash")
            .then(-pl.col("node").cast(pl.Int64) - 1)
            .otherwise(pl.col("component").cast(pl.Int64)),
        )
        .select("record_key", "component", "person_key")
    )


def _components(size: int, edges: pl.DataFrame) -> np.ndarray[Any, Any]:
    a, b = edges["a"].to_numpy(), edges["b"].to_numpy()
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(size, size))
    return connected_components(graph, directed=False)[1]


def _best_of_clashing(certain: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """record_key, best: where persons clash a line joins the one it fits, if no second fits nearly as well."""
    persons = known.filter("clash").drop_nulls("person_key").select(right="unique_id", best="person_key")
    odds = (pl.col("probability") / (1 - pl.col("probability") + 1e-15)).log(2)
    fitting = certain.join(persons, on="right").with_columns(weight=odds).sort("weight", descending=True)
    top = fitting.group_by("left", maintain_order=True).agg(
        pl.col("best").first(), first=pl.col("weight").first(), second=pl.col("weight").get(1, null_on_oob=True)
    )
    clear = pl.col("second").is_null() | (pl.col("first") - pl.col("second") >= 7)
    return top.filter(clear).select(record_key="left", best="best")


def _possible(pairs: pl.DataFrame, settled: pl.DataFrame, persons: pl.DataFrame, using: Model) -> pl.DataFrame:
    """Pairs of persons, not of lines, that were not linked and may be one."""
    whose = settled.select(left="record_key", person_key="person_key")
    both = (
        pairs.join(whose, on="left")
        .join(settled.select(right="record_key", other="person_key"), on="right", how="left")
        .join(persons.select("unique_id", known="person_key"), left_on="right", right_on="unique_id", how="left")
        .with_columns(other_key=pl.coalesce("other", "known"))
    )
    ordered = both.select(
        person_key=pl.min_horizontal("person_key", "other_key"),
        other_key=pl.max_horizontal("person_key", "other_key"),
        probability="probability",
    )
    return (
        ordered.filter((pl.col("person_key") != pl.col("other_key")) & (pl.col("probability") >= using.possible))
        .group_by("person_key", "other_key")
        .agg(pl.col("probability").max())
        .sort("person_key", "other_key")
    )
