"""Lines of numbers become lines of text, each laboratory in its own way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

import numpy as np
import polars as pl

from pumphandle_town.chance import Chance, Ints
from pumphandle_town.laboratories import RESULTS, SEXES, STATUSES, TRAILER, Laboratory
from pumphandle_town.mess import Flaw, Note
from pumphandle_town.people import People
from pumphandle_town.slips import swapped_day, written_names, written_postcodes
from pumphandle_town.workplaces import Workplaces

EPOCH: Final = date(1970, 1, 1)
FAR_FUTURE: Final = (date(2099, 12, 31) - EPOCH).days
UNKNOWN_CODE: Final = "?9"
THEIR_OWN: Final = {"-channel": "HOME KIT", "-hospital": "Main site", "-site": "A1"}


@dataclass(frozen=True)
class Press:
    """What is needed to write lines out. start : day 0, counted from 1970-01-01; work : None where nobody tells it."""

    people: People
    national_ids: Callable[[Ints], pl.Series]
    chance: Chance
    start: int
    work: Workplaces | None = None

    def text(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Add what every laboratory would know about each line, as text; days stay numbers."""
        person, record = lines["person"].to_numpy(), lines["record"].to_numpy()
        bits = self.chance.below("slip", record, 1 << 30)
        family, given = self.people.names(person)
        family, given = written_names(family, given, lines["name_form"].to_numpy(), bits)
        women = self.people.women(person)
        unknown = self.chance.share("sex unknown", person) < 0.003
        return lines.with_columns(
            national_id=pl.when(~pl.col("no_national_id")).then(pl.lit(self.national_ids(person))),
            family_name=family,
            given_name=given,
            born=pl.Series(swapped_day(self.people.born(person), lines["birth_slip"].to_numpy())),
            sex=pl.Series(np.where(unknown, 2, np.where(women, 0, 1))),
            address=self.people.addresses(person),
            written=self.postcodes(lines),
            workplace_postcode=self._workplaces(person),
            phone=pl.when(~pl.col("no_phone")).then(pl.lit(self.people.phones(person))),
        )

    def _workplaces(self, person: Ints) -> pl.Series:
        told = np.full(len(person), -1) if self.work is None else self.work.told(person)
        at = pl.Series(told).set(pl.Series(told < 0), None)
        return self.people.postcodes.text.gather(at)

    def postcodes(self, lines: pl.DataFrame) -> pl.Series:
        """The postcode as the line has it."""
        bits = self.chance.below("slip", lines["record"].to_numpy(), 1 << 30)
        text = self.people.postcodes.text
        return written_postcodes(text, lines["post"].to_numpy(), lines["postcode_form"].to_numpy(), bits)


def specimen_ids(laboratory: Laboratory, number: pl.Expr) -> pl.Expr:
    """The laboratory's own number of a specimen."""
    prefix, width = laboratory.number
    return prefix + number.cast(pl.String).str.zfill(width)


def file_text(text: pl.DataFrame, laboratory: Laboratory, start: int) -> bytes:
    """A whole file: header, lines in the order given, and the trailer with their number."""
    codes = laboratory.codes
    days, births = _dates(laboratory.dates, 1890, 2101), pl.col("born") - _first_day(1890)
    specimen_day = pl.when(pl.col("flaw") == Flaw.FUTURE_DATE).then(FAR_FUTURE).otherwise(
        pl.col("day") + start
    ) - _first_day(1890)
    result = _coded(codes["result"], RESULTS, pl.col("result"))
    cells: dict[str, pl.Expr] = {
        "specimen_id": pl.when(pl.col("flaw") != Flaw.NO_SPECIMEN_ID).then(specimen_ids(laboratory, pl.col("number"))),
        "national_id": _spaced(pl.col("national_id")) if laboratory.spaced_ids else pl.col("national_id"),
        "family_name": pl.col("family_name").str.to_uppercase() if laboratory.upper_names else pl.col("family_name"),
        "given_name": pl.col("given_name").str.to_uppercase() if laboratory.upper_names else pl.col("given_name"),
        "date_of_birth": pl.lit(days).gather(births),
        "sex": _coded(codes["sex"], SEXES, pl.col("sex")),
        "address": pl.col("address"),
        "postcode": pl.col("written").str.replace_all(" ", "") if laboratory.joined_postcodes else pl.col("written"),
        "phone": pl.col("phone"),
        "workplace_postcode": pl.col("workplace_postcode"),
        "specimen_date": pl.lit(days).gather(specimen_day),
        "pathogen": pl.lit(codes["pathogen"]["sars_cov_2"]),
        "result": pl.when(pl.col("flaw") == Flaw.UNKNOWN_CODE).then(pl.lit(UNKNOWN_CODE)).otherwise(result),
        "status": _coded(codes["status"], STATUSES, pl.col("status")),
    }
    own = {field: pl.lit(THEIR_OWN[field]) for field in laboratory.columns if field.startswith("-")}
    chosen = [
        (cells | own)[field].cast(pl.String).replace("", None).alias(header)
        for field, header in laboratory.columns.items()
    ]
    body = text.select(chosen).write_csv(separator=laboratory.delimiter)
    misshapen = text.with_row_index("at").filter(pl.col("flaw") == Flaw.CELL_COUNT)["at"].to_list()
    if misshapen:
        body = _with_lost_cells(body, misshapen, laboratory.delimiter)
    return f"{body}{TRAILER}{laboratory.delimiter}{text.height}\n".encode(laboratory.encoding)


def counts(text: pl.DataFrame) -> dict[str, object]:
    """What intake should find in the file."""
    flaw = text["flaw"]
    note = text.filter(pl.col("flaw") == 0)["note"]
    good = text.filter((pl.col("flaw") == 0) & (pl.col("note") == Note.ACCEPTED))["status"]
    return {
        "lines": text.height,
        "bad": {each.name.lower(): int((flaw == each).sum()) for each in Flaw if each},
        "duplicates": int((note == Note.DUPLICATE).sum()),
        "superseded": int((note == Note.SUPERSEDED).sum()),
        "corrected": int((good == 1).sum()),
        "withdrawn": int((good == 2).sum()),
    }


def _with_lost_cells(body: str, misshapen: list[int], delimiter: str) -> str:
    rows = body.split("\n")
    for at in misshapen:
        rows[at + 1] = rows[at + 1].rsplit(delimiter, 1)[0]
    return "\n".join(rows)


def _coded(codes: dict[str, str] | object, words: tuple[str, ...], number: pl.Expr) -> pl.Expr:
    table = pl.Series([codes[word] for word in words]) if isinstance(codes, dict) else pl.Series(list(words))
    return pl.lit(table).gather(number.cast(pl.Int64))


def _spaced(number: pl.Expr) -> pl.Expr:
    """3-3-4 for ten digits, 4-5-2 for eleven: how cards print them."""
    ten = pl.concat_str([number.str.slice(0, 3), number.str.slice(3, 3), number.str.slice(6, 4)], separator=" ")
    eleven = pl.concat_str([number.str.slice(0, 4), number.str.slice(4, 5), number.str.slice(9, 2)], separator=" ")
    return pl.when(number.str.len_bytes() == 10).then(ten).otherwise(eleven)


@cache
def _dates(form: str, first_year: int, end_year: int) -> pl.Series:
    """Every day of these years as text: looking one up is quicker than writing it."""
    return pl.date_range(date(first_year, 1, 1), date(end_year, 1, 1), eager=True).dt.strftime(form)


def _first_day(year: int) -> int:
    return (date(year, 1, 1) - EPOCH).days


def day_name(start: int, day: int) -> str:
    """Day 0, 1 ... as YYYY-MM-DD."""
    return (EPOCH + timedelta(days=start + day)).isoformat()
