"""Every line of a file is accepted, quarantined, a duplicate or superseded: there is no fifth way."""

from dataclasses import dataclass

import polars as pl

from pumphandle.vocabulary.errors import LinesUnaccounted
from pumphandle.vocabulary.records import EventKind


@dataclass(frozen=True)
class Account:
    """Lines of one file."""

    lines_in: int
    accepted: int
    quarantined: int
    duplicates: int
    superseded: int

    def check(self, file: str, *, kept: int | None = None) -> None:
        """Raises LinesUnaccounted, which stops the deed before anything is kept.

        kept : lines that the shelf holds as events, where that is known: as many as were accepted
        """
        out = self.accepted + self.quarantined + self.duplicates + self.superseded
        if out != self.lines_in:
            raise LinesUnaccounted(f"{file}: {self.lines_in} lines in, {out} accounted for")
        if kept is not None and kept != self.accepted:
            raise LinesUnaccounted(f"{file}: {self.accepted} lines accepted, {kept} on the shelf")


@dataclass(frozen=True)
class Sorted:
    """fresh : lines that become events, with `kind`, `version` and `reason`; orphans : withdrawals of nothing known."""

    fresh: pl.DataFrame
    orphans: pl.DataFrame
    duplicates: int
    superseded: int


def sort_lines(good: pl.DataFrame, known: pl.DataFrame) -> Sorted:
    """Tell news from repeats.

    good  : line, record_key, content_hash, status and the fields
    known : record_key, known_version, known_hash, known_kind of records already received; at most one row each

    Inside a file the last line of a record holds; earlier ones are duplicates if they say the same, else superseded.
    """
    ordered = good.sort("line")
    last = ordered.unique("record_key", keep="last", maintain_order=True)
    earlier = ordered.join(last.select("line"), on="line", how="anti").join(
        last.select("record_key", last_hash="content_hash"), on="record_key", how="left"
    )
    same_in_file = earlier.filter(pl.col("content_hash") == pl.col("last_hash")).height
    met = last.join(known, on="record_key", how="left")
    repeat = met.filter((pl.col("content_hash") == pl.col("known_hash")).fill_null(False))
    withdrawn = pl.col("status") == "withdrawn"
    orphans = met.filter(withdrawn & pl.col("known_version").is_null())
    fresh = met.filter((pl.col("content_hash") != pl.col("known_hash")).fill_null(True)).filter(
        ~(withdrawn & pl.col("known_version").is_null())
    )
    kind = (
        pl.when(withdrawn)
        .then(pl.lit(str(EventKind.RETRACTED)))
        .when(pl.col("known_version").is_null())
        .then(pl.lit(str(EventKind.REPORTED)))
        .otherwise(pl.lit(str(EventKind.CORRECTED)))
    )
    reason = pl.col("kind").replace_strict(
        {
            "reported": "reported by the laboratory",
            "corrected": "corrected by the laboratory",
            "retracted": "withdrawn by the laboratory",
        }
    )
    events = fresh.with_columns(kind=kind, version=pl.col("known_version").fill_null(0) + 1).with_columns(reason=reason)
    return Sorted(
        fresh=events.drop("known_version", "known_hash", "known_kind"),
        orphans=orphans,
        duplicates=same_in_file + repeat.height,
        superseded=earlier.height - same_in_file,
    )
