"""How likely two descriptions are one person: the Fellegi-Sunter model, computed by Splink."""

import json
import logging
from dataclasses import dataclass
from functools import cache
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
    from splink import DuckDBAPI, Linker  # half a second, paid only by who has something to compare

    within = left is right
    api: Any = DuckDBAPI()
    columns = ["unique_id", "national_id", *DETAILS, *BLOCKS]
    given = [left] if within else [left, right]
    tables = [
        api.register(one.select(columns).to_arrow(), dataset_display_name=name)
        for one, name in zip(given, ("a", "b"), strict=False)
    ]
    settings: dict[str, Any] = {
        "link_type": "dedupe_only" if within else "link_only",
        "probability_two_random_records_match": min(0.5, 1.0 / max(population, 2)),
        "comparisons": [_comparison(one) for one in using.comparisons],
        "blocking_rules_to_generate_predictions": [
            f"l.{block} = r.{block} and (l.national_id is null or r.national_id is null)" for block in BLOCKS
        ],
        "retain_intermediate_calculation_columns": False,
        "retain_matching_columns": False,
    }
    linker = Linker(tables, settings, log_level=logging.ERROR, validate_settings=False)
    found: Any = linker.inference.predict(threshold_match_probability=using.possible, warning_mode="never")
    pairs: pl.DataFrame = found.as_duckdbpyrelation().pl()
    turned = pl.col("source_dataset_l") == "b" if not within else pl.lit(False)
    first, second = pl.col("unique_id_l"), pl.col("unique_id_r")
    return pairs.select(
        left=pl.when(turned).then(second).otherwise(first),
        right=pl.when(turned).then(first).otherwise(second),
        probability="match_probability",
    ).sort("left", "right")


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
