"""How likely two descriptions are one person: the Fellegi-Sunter model, computed by Splink."""

import json
import logging
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

import polars as pl

from pumphandle.identity.descriptions import BLOCKS, DETAILS

PAIRS: Final[dict[str, Any]] = {"left": pl.String, "right": pl.String, "probability": pl.Float64}


@dataclass(frozen=True)
class Model:
    """One version. certain : from here on a pair is linked; possible : from here on it waits for a person to decide."""

    version: int
    certain: float
    possible: float
    comparisons: tuple[dict[str, Any], ...]

    @property
    def says(self) -> str:
        """What the model weighs, as text: two models that say the same score the same, whatever their version."""
        return json.dumps(self.comparisons, sort_keys=True)


@cache
def model(version: int = 1) -> Model:
    text = files("pumphandle.identity").joinpath(f"models/person_{version}.json").read_text("utf-8")
    said: dict[str, Any] = json.loads(text)
    return Model(said["version"], said["certain"], said["possible"], tuple(said["comparisons"]))


def score(left: pl.DataFrame, right: pl.DataFrame, *, population: int, using: Model) -> pl.DataFrame:
    """PAIRS with a probability of at least `using.possible`, each once.

    left, right : unique_id, national_id, DETAILS and BLOCKS, as `described` writes them;
                  the same frame twice: pairs within it
    Two different identifiers are never compared.
    population  : people who could be meant; two drawn by chance are one with probability 1 / population
    """
    if not left.height or not right.height:
        return pl.DataFrame(schema=PAIRS)
    within = left is right
    with _process().cursor() as engine:
        for name, one in zip(_TABLES, [left] if within else [left, right], strict=False):
            engine.register(name, one.select(_COLUMNS).to_arrow())
        for statement in _statements(using.says, using.possible, max(population, 2), within):
            engine.execute(statement)
        pairs = engine.execute(f"select * from {_PAIRS}").pl()
    turned = pl.col("source_dataset_l") == _TABLES[1] if not within else pl.lit(False)
    first, second = pl.col("unique_id_l"), pl.col("unique_id_r")
    return pairs.select(
        left=pl.when(turned).then(second).otherwise(first),
        right=pl.when(turned).then(first).otherwise(second),
        probability="match_probability",
    ).sort("left", "right")


_COLUMNS: Final = ("unique_id", "national_id", *DETAILS, *BLOCKS)
_TABLES: Final = ("a", "b")
_PAIRS: Final = "pairs"
_MAKES: Final = "CREATE TABLE"


@cache
def _process() -> Any:
    """Splink's engine, one a process: opening one takes a hundredth of a second. What a cursor makes goes with it."""
    from splink import DuckDBAPI  # half a second, paid only by who has something to compare

    return DuckDBAPI().duckdb_con


@lru_cache(maxsize=8)
def _statements(says: str, possible: float, population: int, within: bool) -> tuple[str, ...]:
    """What Splink has DuckDB do over tables named _TABLES to make a table _PAIRS.

    Writing it takes Splink a third of a second, doing it for a small day a hundredth; what it writes depends on what
    the model says, not on what it is called, so it is written once for each, over empty tables, and done anew for each
    day's descriptions.
    """
    from splink import DuckDBAPI

    written: list[str] = []

    class Listening(DuckDBAPI):
        def _execute_sql_against_backend(self, final_sql: str) -> Any:
            written.append(final_sql)
            return super()._execute_sql_against_backend(final_sql)

    empty = pl.DataFrame(schema=dict.fromkeys(_COLUMNS, pl.String))
    using = Model(0, 1.0, possible, tuple(json.loads(says)))
    named = predicted(Listening(), [empty] if within else [empty, empty], population=population, using=using)
    making = [one.replace(_MAKES, "CREATE TEMP TABLE", 1) for one in written if one.startswith(_MAKES)]
    return (*making, f"create temp view {_PAIRS} as select * from {named.physical_name}")


def predicted(api: Any, given: list[pl.DataFrame], *, population: int, using: Model) -> Any:
    """Splink's own frame of the pairs within one table, or of one with another; api : its engine"""
    from splink import Linker

    tables = [
        api.register(one.select(_COLUMNS).to_arrow(), dataset_display_name=name)
        for name, one in zip(_TABLES, given, strict=False)
    ]
    settings: dict[str, Any] = {
        "link_type": "dedupe_only" if len(given) == 1 else "link_only",
        "probability_two_random_records_match": min(0.5, 1.0 / population),
        "comparisons": [_comparison(one) for one in using.comparisons],
        "blocking_rules_to_generate_predictions": [
            f"l.{block} = r.{block} and (l.national_id is null or r.national_id is null)" for block in BLOCKS
        ],
        "retain_intermediate_calculation_columns": False,
        "retain_matching_columns": False,
    }
    linker = Linker(tables, settings, log_level=logging.ERROR, validate_settings=False)
    return linker.inference.predict(threshold_match_probability=using.possible, warning_mode="never")


def _comparison(one: dict[str, Any]) -> dict[str, Any]:
    details = ["family_name", "given_name"] if one["of"] == "names" else [one["of"]]
    absent = " or ".join(f"{detail}_{side} is null" for detail in details for side in "lr")
    levels: list[dict[str, Any]] = [{"sql_condition": absent, "label_for_charts": "not said", "is_null_level": True}]
    for level in one["levels"]:
        levels.append(
            {
                "sql_condition": level["when"],
                "label_for_charts": level["label"],
                "m_probability": level["m"],
                "u_probability": level["u"],
            }
        )
    return {"output_column_name": one["of"], "comparison_levels": levels}
