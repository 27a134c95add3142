"""Parquet, JSON lines and spreadsheets to lines."""

# pyarrow comes without types
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as parquet
from python_calamine import CalamineError, CalamineWorkbook

from pumphandle.linelist.encodings import decoded
from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.lines import LONGEST_FIELD, SHEET_ENDS, HeldLine, Lines
from pumphandle.vocabulary.errors import BadFile

EXACT: Final = 10**15
"""A spreadsheet keeps fifteen digits of a number; of more it makes another."""


def read_parquet(path: Path, contract: FeedContract) -> Lines:
    """Raises BadFile: parquet, missing_column."""
    try:
        # polars' own reader panics at some broken files; arrow's lets broken text through unless it is asked
        table: Any = parquet.read_table(path)
        named = [name for name in table.column_names if name in set(contract.columns.values())]
        table = table.select(named).replace_schema_metadata(None)
        table.validate(full=True)
        frame: Any = pl.from_arrow(table)
    except (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        raise _unreadable(path.name, "Parquet", "parquet") from None
    _check_columns(frame.columns, contract, path.name)
    chosen = [
        _as_text(frame.schema[column], column, contract).alias(field) for field, column in contract.columns.items()
    ]
    try:
        told: Any = frame.select(chosen)
    except pl.exceptions.PolarsError:  # bytes that are no text
        raise _unreadable(path.name, "Parquet that can be read as text", "parquet") from None
    text = told.with_row_index("line", offset=1).with_columns(pl.col("line").cast(pl.Int64))
    return Lines(frame=text, held=(), lines_in=text.height)


def _as_text(kind: pl.DataType, column: str, contract: FeedContract) -> pl.Expr:
    if isinstance(kind, pl.Datetime) and kind.time_zone is not None:
        return pl.col(column).dt.convert_time_zone(contract.time_zone).dt.strftime(contract.dates)
    if kind == pl.Date or isinstance(kind, pl.Datetime):
        return pl.col(column).dt.strftime(contract.dates)
    if kind.is_float():
        return (
            pl.when((pl.col(column) == pl.col(column).round()) & (pl.col(column).abs() < 2**53))
            .then(pl.col(column).cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(pl.col(column).cast(pl.String))
        )
    return pl.col(column).cast(pl.String, strict=False) if not kind.is_nested() else pl.lit(None, pl.String)


def read_jsonl(path: Path, contract: FeedContract) -> Lines:
    """One object a line. Raises BadFile: empty, encoding, cut_off, json_array; a line that is no object is held."""
    content = decoded(path, contract.encoding)
    if content.lstrip().startswith(b"["):
        raise BadFile(
            "holds one JSON array",
            file=path.name,
            code="json_array",
            line=1,
            remedy="Write each result as one object on a line of its own, without brackets and commas around them.",
        )
    if not content.endswith((b"\n", b"}")):
        raise BadFile(
            "breaks off before its end",
            file=path.name,
            code="cut_off",
            line=content.count(b"\n") + 1,
            remedy="The transfer was cut. Send the whole file again.",
        )
    decoder = msgspec.json.Decoder(dict[str, object])
    rows: list[tuple[object, ...]] = []
    held: list[HeldLine] = []
    lines_in = 0
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        lines_in += 1
        try:
            said = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            remedy = "Write one JSON object on each line."
            held.append(HeldLine(number, "*", "not_an_object", remedy, line.decode("utf-8", "replace")[:20_000]))
            continue
        missing = [column for column in contract.columns.values() if column not in said]
        if missing and len(missing) == len(contract.columns):
            remedy = "The line has none of the contract's names: look at the names of its fields."
            held.append(HeldLine(number, "*", "names_unknown", remedy, line.decode("utf-8", "replace")[:20_000]))
            continue
        rows.append((number, *[_json_text(said.get(column), contract) for column in contract.columns.values()]))
    return _lines(rows, held, lines_in, contract)


def read_xlsx(path: Path, contract: FeedContract) -> Lines:
    """The contract's sheet, or the first. Raises BadFile: spreadsheet, sheet, row_limit, missing_column, empty."""
    try:
        with CalamineWorkbook.from_path(path) as book:  # pyright: ignore[reportUnknownMemberType]
            if contract.sheet is not None and contract.sheet not in book.sheet_names:
                raise BadFile(
                    f"has no sheet {contract.sheet!r}",
                    file=path.name,
                    code="sheet",
                    remedy="Name the sheet as the feed contract says.",
                )
            found = book.get_sheet_by_name(contract.sheet) if contract.sheet else book.get_sheet_by_index(0)
            others = [] if contract.sheet else book.sheet_names[1:]
            if any(book.get_sheet_by_name(name).total_height for name in others):
                raise BadFile(
                    "holds more than one sheet, and the feed contract names none",
                    file=path.name,
                    code="sheet",
                    remedy='Say in the feed contract which one holds the results (sheet = "…"), or send it alone.',
                )
            height = found.total_height
            table = found.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError):
        raise _unreadable(path.name, "a spreadsheet", "spreadsheet") from None
    if height in SHEET_ENDS or len(table) in SHEET_ENDS:
        raise BadFile(
            f"has exactly {height or len(table):,} rows, where a sheet ends: what came after is lost",
            file=path.name,
            code="row_limit",
            remedy="Send the results as delimited text or Parquet. Never through a spreadsheet.",
        )
    if not table or not any(table[0]):
        raise BadFile("holds no header line", file=path.name, code="empty", remedy="Send the file again.")
    header = [str(cell).strip() for cell in table[0]]
    _check_columns(header, contract, path.name)
    places = [header.index(column) for column in contract.columns.values()]
    rows: list[tuple[object, ...]] = []
    for number, row in enumerate(cast("list[list[object]]", table[1:]), start=2):
        if any(cell not in ("", None) for cell in row):
            rows.append((number, *[_json_text(row[at], contract) for at in places]))
    return _lines(rows, [], len(rows), contract)


def _lines(rows: list[tuple[object, ...]], held: list[HeldLine], lines_in: int, contract: FeedContract) -> Lines:
    schema = {"line": pl.Int64} | dict.fromkeys(contract.columns, pl.String)
    short = [row for row in rows if all(len(str(cell)) <= LONGEST_FIELD for cell in row[1:])]
    for row in rows if len(short) < len(rows) else ():
        if any(len(str(cell)) > LONGEST_FIELD for cell in row[1:]):
            remedy = (
                f"A cell is longer than {LONGEST_FIELD} characters: look for a quotation mark that is never closed."
            )
            held.append(HeldLine(cast("int", row[0]), "*", "cell_too_long", remedy, str(row[1:])[:20_000]))
    return Lines(frame=pl.DataFrame(short, schema=schema, orient="row"), held=tuple(held), lines_in=lines_in)


def _json_text(cell: object, contract: FeedContract) -> str | None:
    """A cell as a laboratory would write it: whole numbers without a point, dates in the form of the contract."""
    if cell is None or isinstance(cell, dict | list):
        return None
    if isinstance(cell, datetime | date):
        return cell.strftime(contract.dates)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell)) if abs(cell) < EXACT else f"{cell:.14e}"
    return str(cell)


def _check_columns(header: Sequence[str], contract: FeedContract, file: str) -> None:
    for field, column in contract.columns.items():
        if column not in header:
            raise BadFile(
                f"has no column {column!r}",
                file=file,
                code="missing_column",
                line=1,
                field=field,
                remedy="Send the column, or change its name in the feed contract.",
            )


def _unreadable(file: str, what: str, code: str) -> BadFile:
    return BadFile(f"is not {what}, or it was cut", file=file, code=code, remedy="Send the whole file again.")
