"""What is true, written beside the files: nothing of this is for the system under test."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from pumphandle_town.laboratories import Laboratory
from pumphandle_town.lines import Press, day_name, specimen_ids
from pumphandle_town.mess import standing
from pumphandle_town.outbreaks import Case, Outbreak
from pumphandle_town.postcodes import plain


@dataclass
class Ledger:
    """Grows day by day; `cells` goes to its file at once, the rest at the end."""

    folder: Path
    press: Press
    laboratories: tuple[Laboratory, ...]
    specimens: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    planted: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    files: dict[str, dict[str, object]] = field(default_factory=dict[str, dict[str, object]])

    def open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "cells.csv").write_text("specimen_date,postcode,tests,positives\n", encoding="utf-8")

    def add_day(self, lines: pl.DataFrame, day: int) -> None:
        """lines : every line about the specimens of this day."""
        left = standing(lines)
        cells = (
            left.with_columns(postcode=self.press.postcodes(left))
            .filter(pl.col("result") != 2)
            .group_by(plain(pl.col("postcode")))
            .agg(tests=pl.len(), positives=(pl.col("result") == 1).sum())
            .sort("postcode")
        )
        name = day_name(self.press.start, day)
        with (self.folder / "cells.csv").open("a", encoding="utf-8", newline="") as stream:
            stream.writelines(f"{name},{post},{tests},{positives}\n" for post, tests, positives in cells.iter_rows())
        good = lines.filter(pl.col("flaw") == 0).unique("record", keep="first", maintain_order=True)
        self.specimens.append(self._named(good, ["person"]))
        self.planted.append(self._named(left.filter((pl.col("case") >= 0) & (pl.col("result") == 1)), ["case", "day"]))

    def _named(self, lines: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
        """laboratory, specimen_id and so many other columns."""
        keys = pl.Enum([laboratory.key for laboratory in self.laboratories])
        parts = [
            lines.filter(pl.col("laboratory") == number).select(
                pl.lit(laboratory.key, keys).alias("laboratory"),
                specimen_ids(laboratory, pl.col("number")).alias("specimen_id"),
                *columns,
            )
            for number, laboratory in enumerate(self.laboratories)
        ]
        return pl.concat(parts)

    def close(self, **about: object) -> None:
        """specimens.parquet and summary.json."""
        frame = pl.concat(self.specimens)
        home = self.press.people.households.of(frame["person"].to_numpy())
        frame.with_columns(pl.col("laboratory").cast(pl.String), household=pl.Series(home)).write_parquet(
            self.folder / "specimens.parquet"
        )
        summary = about | {"files": self.files}
        (self.folder / "summary.json").write_text(
            json.dumps(summary, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )

    def write_people(self) -> None:
        """people.parquet: everyone who was tested, without any slip."""
        person = np.unique(pl.concat([each.select("person") for each in self.specimens])["person"].to_numpy())
        family, given = self.press.people.names(person)
        home = self.press.people.households.of(person)
        post = self.press.people.households.postcode[home].astype(np.int64)
        pl.DataFrame(
            {
                "person": person,
                "household": home,
                "family_name": family,
                "given_name": given,
                "date_of_birth": pl.Series(self.press.people.born(person)).cast(pl.Int32).cast(pl.Date),
                "sex": pl.Series(["male", "female"]).gather(self.press.people.women(person).astype(np.int64)),
                "address": self.press.people.addresses(person),
                "postcode": self.press.people.postcodes.text.gather(post),
                "national_id": self.press.national_ids(person),
            }
        ).write_parquet(self.folder / "people.parquet")


def write_outbreaks(
    ledger: Ledger, outbreaks: Sequence[Outbreak], cases: Sequence[Case], area_codes: Sequence[str]
) -> None:
    """outbreaks.csv and outbreak_cases.csv: only cases that stand in the files, positive, at the end."""
    found: dict[int, tuple[int, str]] = {}
    for number, day, laboratory, specimen in (
        pl.concat(ledger.planted).sort("case").select("case", "day", "laboratory", "specimen_id").iter_rows()
    ):
        found[number] = (day, f"{laboratory},{specimen}")
    rows, members = list[str](), list[str]()
    days: dict[int, list[int]] = {}
    for number, (day, specimen) in found.items():
        case = cases[number]
        days.setdefault(case.outbreak, []).append(day)
        _, parent = found.get(case.parent, (0, ","))
        when = day_name(ledger.press.start, day)
        members.append(f"{outbreaks[case.outbreak].outbreak_id},{specimen},{when},{parent}")
    for number, outbreak in enumerate(outbreaks):
        when = days.get(number)
        if when:
            post = ledger.press.people.postcodes.text[outbreak.postcode].replace(" ", "")
            first, last = (day_name(ledger.press.start, each) for each in (min(when), max(when)))
            rows.append(
                f"{outbreak.outbreak_id},{outbreak.cause},{area_codes[outbreak.small_area]},{post},{first},{len(when)},{last}"
            )
    _write(ledger.folder / "outbreaks.csv", "outbreak_id,cause,small_area,postcode,start,size,last", rows)
    header = "outbreak_id,laboratory,specimen_id,specimen_date,parent_laboratory,parent_specimen_id"
    _write(ledger.folder / "outbreak_cases.csv", header, members)


def _write(path: Path, header: str, rows: Iterable[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
