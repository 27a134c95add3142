"""What a line says of its person, written alike, and the pairs of details by which likely matches are found."""

from typing import Any, Final

import polars as pl

from pumphandle.identity.pseudonyms import plain

DETAILS: Final = ("family_name", "given_name", "date_of_birth", "sex", "postcode", "phone")
BLOCKS: Final = ("block_birth_family", "block_birth_given", "block_home_given")
"""Two descriptions are compared only if they share one of these."""

DESCRIPTION_SCHEMA: Final[dict[str, Any]] = dict.fromkeys(DETAILS, pl.String) | dict.fromkeys(BLOCKS, pl.String)


def described(people: pl.DataFrame) -> pl.DataFrame:
    """The frame with DETAILS written alike (text, null where not said) and BLOCKS added."""
    alike = people.with_columns(
        _names_alike(people["family_name"]),
        _names_alike(people["given_name"]),
        pl.col("date_of_birth").cast(pl.String),
        pl.when(pl.col("sex") != "unknown").then("sex").alias("sex"),
        pl.col("postcode").cast(pl.String).str.replace_all(r"\s", "").str.to_uppercase().replace("", None),
        pl.col("phone").cast(pl.String).str.replace_all(r"[^0-9]", "").str.tail(9).replace("", None),
    )
    family, given, born = pl.col("family_name"), pl.col("given_name"), pl.col("date_of_birth")
    year = born.str.head(4)
    return alike.with_columns(
        block_birth_family=born + family.str.head(2),
        block_birth_given=born + given.str.head(2),
        block_home_given=pl.col("postcode") + year + given.str.head(1),
    )


def _names_alike(names: pl.Series) -> pl.Series:
    """Each different name is written alike once."""
    different = names.drop_nulls().unique()
    table = pl.DataFrame(
        {"name": different, "alike": [plain(name) or None for name in different]}, schema_overrides={"alike": pl.String}
    )
    found = names.to_frame("name").join(table, on="name", how="left", maintain_order="left")["alike"]
    return found.alias(names.name)
