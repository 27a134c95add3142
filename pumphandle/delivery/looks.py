"""Who looked at an authority's residents in a week, as tables that go out with its package."""

from collections.abc import Sequence

import polars as pl

from pumphandle.governance.digest import LookedAt, Question

_LOOKS = {
    "account": pl.String,
    "role": pl.String,
    "purposes": pl.String,
    "looks": pl.Int64,
    "records": pl.Int64,
    "last_at": pl.String,
}
_QUESTIONS = {"rule": pl.String, "account": pl.String, "at": pl.String, "number": pl.Int64}


def as_looks(accounts: Sequence[LookedAt]) -> pl.DataFrame:
    """One row an account: how often it looked, at how many records, for which purposes (separated by blanks)."""
    rows = [
        (one.by_name, one.by_role, " ".join(one.purposes), one.looks, one.records, one.last_at.isoformat())
        for one in accounts
    ]
    return pl.DataFrame(rows, schema=_LOOKS, orient="row")


def as_questions(found: Sequence[Question]) -> pl.DataFrame:
    """One row a look that somebody should ask about: bulk, out_of_hours or repeated."""
    rows = [(one.rule, one.by_name, one.at.isoformat(), one.number) for one in found]
    return pl.DataFrame(rows, schema=_QUESTIONS, orient="row")
