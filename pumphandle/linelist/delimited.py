"""Delimited text to lines: every line becomes a row of text, or the file is refused by name."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import polars as pl

from pumphandle.linelist.encodings import decoded
from pumphandle.linelist.feeds import DETECT, FeedContract
from pumphandle.linelist.lines import LONGEST_FIELD, SHEET_ENDS, HeldLine, Lines
from pumphandle.vocabulary.errors import BadFile

CHUNK: Final = 50_000  # rows turned into columns at once: bounds the memory held as Python strings
DELIMITERS: Final = ",;\t|"
SEPARATOR: Final = re.compile(rb"\"?sep=.\"?\n", re.IGNORECASE)  # what a spreadsheet writes above the header
NEVER: Final = "\x1e"  # a separator that no laboratory writes: reads a line as one cell


def read_delimited(path: Path, contract: FeedContract) -> Lines:
    """Read a file by its contract.

    Raises BadFile (codes: empty, binary, encoding, delimiter, missing_column, cut_off, line_count, quotation).
    Lines with a wrong number of cells are held; the others go on.
    """
    text = decoded(path, contract.encoding).replace(b"\r\n", b"\n")
    text = text if b"\n" in text else text.replace(b"\r", b"\n")
    names_separator = SEPARATOR.match(text)
    if names_separator:
        text = text[names_separator.end() :]
    try:
        form = _Form(path.name, contract, text)
        declared = form.declared()
        lines = _quick(text, form) or _slow(text, form)
    except csv.Error as fault:
        raise BadFile(
            f"cannot be read as delimited text ({fault})",
            file=path.name,
            code="quotation",
            line=1,
            remedy="Look for a quotation mark that is never closed, and send the file again.",
        ) from None
    if declared is not None and declared != lines.lines_in:
        raise BadFile(
            f"the last line declares {declared} lines, the file holds {lines.lines_in}",
            file=path.name,
            code="line_count",
            line=lines.lines_in + 2,
            remedy="Send the whole file again.",
        )
    if declared is None and lines.lines_in + 1 in SHEET_ENDS:
        raise BadFile(
            f"has exactly {lines.lines_in + 1:,} rows, where a sheet ends: what came after is lost",
            file=path.name,
            code="row_limit",
            remedy="Write the file without a spreadsheet, or agree a last line that says how many lines there are.",
        )
    return _one_further(lines) if names_separator else lines


def _one_further(lines: Lines) -> Lines:
    """Lines counted with the one that named the separator."""
    held = tuple(replace(one, line=one.line + 1) for one in lines.held)
    return replace(lines, frame=lines.frame.with_columns(pl.col("line") + 1), held=held)


class _Form:
    """The header of a file beside its contract: where each field stands, and how the file should end."""

    def __init__(self, file: str, contract: FeedContract, text: bytes) -> None:
        csv.field_size_limit(10 * LONGEST_FIELD)
        self.file, self.contract, self._text = file, contract, text
        first = text.split(b"\n", 1)[0].decode()
        self.delimiter = self._delimiter(first)
        self.header = [name.strip() for name in next(csv.reader([first], delimiter=self.delimiter), list[str]())]
        self._ending = text[-4_096:].rstrip(b"\r\n").rsplit(b"\n", 1)[-1].decode("utf-8", "replace").strip()
        if contract.trailer is not None and self._declared_text() is None:
            raise self._cut_or_delimiter()
        if contract.trailer is None and not text.endswith((b"\n", b"\r")):
            raise self._cut_off()
        self.positions = self._positions()

    def declared(self) -> int | None:
        """Number of lines that the trailer declares. A file without its end was cut off in transfer."""
        found = self._declared_text()
        if found is None:
            return None
        if not found.isdecimal() or not found.isascii() or len(found) > 12:
            raise self._cut_off()
        return int(found)

    def is_trailer(self, cells: list[str]) -> bool:
        return self.contract.trailer is not None and len(cells) == 2 and cells[0] == self.contract.trailer

    def _declared_text(self) -> str | None:
        mark, found, number = self._ending.partition(self.delimiter)
        return number.strip().strip('"') if found and mark == self.contract.trailer else None

    def _delimiter(self, header: str) -> str:
        if self.contract.delimiter != DETECT:
            return self.contract.delimiter
        wanted = set(self.contract.columns.values())
        fitting = [one for one in DELIMITERS if wanted <= {each.strip(' "') for each in header.split(one)}]
        return fitting[0] if fitting else max(DELIMITERS, key=header.count)

    def _cut_or_delimiter(self) -> BadFile:
        # A wrong delimiter also hides the trailer: say so, it is the likelier mistake.
        trailer = self.contract.trailer or ""
        if self._ending.startswith(trailer) and self._ending[len(trailer) : len(trailer) + 1] in tuple(DELIMITERS):
            return self._wrong_delimiter()
        return self._cut_off()

    def _cut_off(self) -> BadFile:
        return BadFile(
            "breaks off before its end",
            file=self.file,
            code="cut_off",
            line=len(self._text.splitlines()),
            remedy="The transfer was cut. Send the whole file again.",
        )

    def _wrong_delimiter(self) -> BadFile:
        return BadFile(
            f"is not separated by {self.delimiter!r}",
            file=self.file,
            code="delimiter",
            line=1,
            remedy="Send the file with the delimiter of the feed contract, or change the contract.",
        )

    def _positions(self) -> dict[str, int]:
        header = self.header
        if len(header) == 1 and any(other in header[0] for other in DELIMITERS if other != self.delimiter):
            raise self._wrong_delimiter()
        for field, column in self.contract.columns.items():
            if header.count(column) != 1:
                raise BadFile(
                    f"has no column {column!r}" if column not in header else f"has the column {column!r} twice",
                    file=self.file,
                    code="missing_column",
                    line=1,
                    field=field,
                    remedy="Send the column, or change its name in the feed contract.",
                )
        return {field: header.index(column) for field, column in self.contract.columns.items()}


def _quick(text: bytes, form: _Form) -> Lines | None:
    """The whole file as columns at once; None where a line cannot be told without reading it sign by sign."""
    body = text.split(b"\n", 1)[1] if b"\n" in text else b""
    if not body or any(sign in body for sign in (b"\r", b"\x00", NEVER.encode(), b"\n\n")) or body.startswith(b"\n"):
        return None
    whole = pl.read_csv(
        io.BytesIO(body), separator=NEVER, quote_char=None, has_header=False, schema={"text": pl.String}
    ).with_row_index("line", offset=2)
    marks = whole["text"].str.count_matches('"', literal=True)
    if (marks % 2 == 1).any() or whole["text"].null_count() or (whole["text"].str.len_bytes() > LONGEST_FIELD).any():
        return None
    cells = whole["text"].str.count_matches(form.delimiter, literal=True) + 1
    whole = whole.with_columns(quoted=marks > 0, cells=cells, line=pl.col("line").cast(pl.Int64))
    whole = _before_trailer(whole, form)
    plain = whole.filter(~pl.col("quoted") & (pl.col("cells") == len(form.header)))
    others = whole.filter(pl.col("quoted") | (pl.col("cells") != len(form.header)))
    rest = _collect(
        (
            (int(line), next(csv.reader([row], delimiter=form.delimiter)))
            for line, row in others.select("line", "text").iter_rows()
        ),
        form,
    )
    frame = pl.concat([_columns(plain, form), rest.frame]).sort("line") if rest.frame.height else _columns(plain, form)
    return Lines(frame=frame, held=rest.held, lines_in=whole.height)


def _before_trailer(whole: pl.DataFrame, form: _Form) -> pl.DataFrame:
    if form.contract.trailer is None:
        return whole
    ends = whole.filter(
        pl.col("text").str.strip_chars('"').str.starts_with(form.contract.trailer) & (pl.col("cells") == 2)
    )
    for line, row in ends.select("line", "text").iter_rows():
        if form.is_trailer(next(csv.reader([row], delimiter=form.delimiter))):
            return whole.filter(pl.col("line") < line)
    return whole


def _columns(plain: pl.DataFrame, form: _Form) -> pl.DataFrame:
    """Lines without a quotation mark and of the right width."""
    schema = {f"c{at}": pl.String for at in range(len(form.header))}
    if not plain.height:
        return pl.DataFrame(schema={"line": pl.Int64} | dict.fromkeys(form.positions, pl.String))
    joined = "\n".join(plain["text"].to_list()) if plain.height < CHUNK else plain["text"].str.join("\n").item()
    frame = pl.read_csv(
        io.BytesIO((joined + "\n").encode()),
        separator=form.delimiter,
        quote_char=None,
        has_header=False,
        schema=schema,
    )
    chosen = [pl.col(f"c{at}").alias(field) for field, at in form.positions.items()]
    return frame.select(chosen).insert_column(0, plain["line"])


def _slow(text: bytes, form: _Form) -> Lines:
    return _collect(_numbered(text, form), form)


def _numbered(text: bytes, form: _Form) -> Iterator[tuple[int, list[str]]]:
    """Each line with the number of its first line of text, up to the trailer or the end."""
    whole = text.decode() + ("" if text.endswith((b"\n", b"\r")) else "\n") + NEVER + "\n"
    reader = csv.reader(io.StringIO(whole, newline=""), delimiter=form.delimiter)
    next(reader, None)
    begins, end = reader.line_num + 1, len(io.StringIO(whole, newline="").readlines())
    for cells in reader:
        if form.is_trailer(cells) or (reader.line_num == end and cells == [NEVER]):
            return
        if reader.line_num == end:
            break
        if cells:
            yield begins, cells
        begins = reader.line_num + 1
    raise BadFile(
        "has a quotation mark that is never closed",
        file=form.file,
        code="quotation",
        line=begins,
        remedy="Close it or leave it out, and send the file again.",
    )


def _collect(numbered: Iterable[tuple[int, list[str]]], form: _Form) -> Lines:
    width, lines_in = len(form.header), 0
    schema = {"line": pl.Int64} | dict.fromkeys(form.positions, pl.String)
    frames = [pl.DataFrame(schema=schema)]
    held: list[HeldLine] = []
    rows: list[tuple[int | str, ...]] = []
    order = list(form.positions.values())
    for line, cells in numbered:
        lines_in += 1
        if len(cells) == width and max(map(len, cells)) <= LONGEST_FIELD and not _swallows(cells, form):
            rows.append((line, *[cells[at] for at in order]))
            if len(rows) >= CHUNK:
                frames.append(pl.DataFrame(rows, schema=schema, orient="row"))
                rows = []
        else:
            held.append(_misshapen(line, cells, width, form.delimiter))
    frames.append(pl.DataFrame(rows, schema=schema, orient="row"))
    return Lines(frame=pl.concat(frames), held=tuple(held), lines_in=lines_in)


def _swallows(cells: list[str], form: _Form) -> bool:
    """Whether a cell may hold whole lines between two quotation marks, where no trailer counts the lines."""
    if form.contract.trailer is not None:
        return False
    return any("\n" in cell and cell.count(form.delimiter) >= len(form.header) - 1 for cell in cells)


def _misshapen(line: int, cells: list[str], width: int, delimiter: str) -> HeldLine:
    long = max(map(len, cells)) > LONGEST_FIELD
    code = "cell_count" if len(cells) != width else "cell_too_long" if long else "cell_of_lines"
    remedy = {
        "cell_count": f"The line has {len(cells)} cells, the header {width}: look for a stray delimiter or quotation"
        " mark.",
        "cell_too_long": f"A cell is longer than {LONGEST_FIELD} characters: look for a quotation mark that is never"
        " closed.",
        "cell_of_lines": "A cell holds what may be whole lines: look for a quotation mark that is closed too late.",
    }[code]
    return HeldLine(line=line, field="*", code=code, remedy=remedy, content=delimiter.join(cells)[:20_000])
