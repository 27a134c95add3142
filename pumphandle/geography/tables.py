"""Files of lines (CSV, compressed or not; Parquet) as frames of text, each line with its number."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from pumphandle.geography.description import Table
from pumphandle.geography.faults import fault

LINE: Final = "line_number"
"""Column with the line's place in the file, from 1 with the header; in Parquet, the row's place from 1."""


def read(folder: Path, table: Table, columns: Iterable[str]) -> pl.DataFrame:
    """The named columns of the lines that are meant, as trimmed text (empty is null), and LINE.

    Raises BadDescription for a file that is missing or cannot be read, and for a column that it has not.
    """
    path = folder / table.file
    if not path.is_file():
        raise fault("the file is missing", file=table.file, remedy="Add it, or correct the name in nation.toml.")
    wanted = tuple(dict.fromkeys(columns))
    narrowing = tuple(column for column, _ in table.where)
    try:
        frame = _parquet(path) if path.suffix == ".parquet" else _csv(path, table)
        for column in (*wanted, *narrowing):
            if column not in frame.collect_schema().names():
                has = ", ".join(name for name in frame.collect_schema().names() if name != LINE)
                raise fault("there is no such column", file=table.file, field=column, remedy=f"The file has {has}.")
        for column, value in table.where:
            frame = frame.filter(pl.col(column).cast(pl.String).str.strip_chars() == value)
        text = [pl.col(name).cast(pl.String).str.strip_chars().replace("", None) for name in wanted]
        return frame.select(LINE, *text).collect()
    except (PolarsError, UnicodeDecodeError, LookupError) as failure:
        reason = str(failure).strip().splitlines()[0] if str(failure).strip() else "not a table"
        remedy = "Check delimiter and encoding in nation.toml; save the file as UTF-8."
        raise fault(f"cannot be read as a table ({reason})", file=table.file, remedy=remedy) from None


def _parquet(path: Path) -> pl.LazyFrame:
    return pl.scan_parquet(path).with_row_index(LINE, offset=1)


def _csv(path: Path, table: Table) -> pl.LazyFrame:
    return pl.read_csv(
        path,
        separator=table.delimiter,
        encoding=table.encoding,
        infer_schema=False,
        row_index_name=LINE,
        row_index_offset=2,
    ).lazy()


def filled(frame: pl.DataFrame, column: str, *, file: str, remedy: str) -> None:
    """Raises BadDescription with the first line on which `column` is empty."""
    empty = frame.filter(pl.col(column).is_null())
    if empty.height:
        raise fault("is empty", file=file, line=int(empty.item(0, LINE)), field=column, remedy=remedy)


def single(frame: pl.DataFrame, column: str, *, file: str, remedy: str) -> None:
    """Raises BadDescription with the first line on which a value of `column` comes a second time."""
    again = frame.filter(~pl.col(column).is_first_distinct())
    if again.height:
        line, value = int(again.item(0, LINE)), str(again.item(0, column))
        raise fault(f"{value} has come before", file=file, line=line, field=column, remedy=remedy)


def people(frame: pl.DataFrame, columns: Iterable[str], *, file: str) -> pl.DataFrame:
    """The frame with `population`: whole persons, the columns added up; null where every one of them is empty."""
    names = tuple(columns)
    for column in names:
        number = pl.col(column).cast(pl.Float64, strict=False)
        whole = (number == number.round(0)) & (number >= 0)
        wrong = frame.filter(pl.col(column).is_not_null() & ~whole.fill_null(False))
        if wrong.height:
            line, value = int(wrong.item(0, LINE)), str(wrong.item(0, column))
            remedy = "Write a whole number of people, 0 or more, or leave it empty when it is not known."
            raise fault(f"{value} is not a number of people", file=file, line=line, field=column, remedy=remedy)
    numbers = [pl.col(column).cast(pl.Float64) for column in names]
    none = pl.all_horizontal(number.is_null() for number in numbers)
    total = pl.when(~none).then(pl.sum_horizontal(numbers))
    return frame.with_columns(total.cast(pl.Int64).alias("population"))
