"""What a line says of its person, written alike, and the pairs of details by which likely matches are found."""

from typing import Final

import polars as pl

from pumphandle.identity.pseudonyms import plain

DETAILS: Final[tuple[str, ...]] = ("family_name", "given_name", "date_of_birth", "sex", "postcode", "phone")
BLOCKS: Final[tuple[str, ...]] = ("block_birth_first", "block_birth_last", "block_home")
"""Two descriptions are compared only if they share one of these."""


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
    family, given, born = pl.col("family_name").str.head(2), pl.col("given_name").str.head(2), pl.col("date_of_birth")
    # the lesser and the greater of both names' beginnings: exchanged names still meet
    return alike.with_columns(
        block_birth_first=born + pl.min_horizontal(family, given),
        block_birth_last=born + pl.max_horizontal(family, given),
        block_home=pl.col("postcode") + born.str.head(4),
    )


def _names_alike(names: pl.Series) -> pl.Series:
    """Each different name is written alike once."""
    different = names.drop_nulls().unique()
    table = pl.DataFrame(
        {"name": different, "alike": [plain(name) or None for name in different]}, schema_overrides={"alike": pl.String}
    )
    found = names.to_frame("name").join(table, on="name", how="left", maintain_order="left")["alike"]
    return found.alias(names.name)
