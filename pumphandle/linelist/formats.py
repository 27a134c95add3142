"""Files to lines: every line of a file becomes a row of text, or the file is refused by name."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from pumphandle.linelist.feeds import FeedContract
from pumphandle.vocabulary.errors import BadFile

CHUNK: Final = 50_000  # rows turned into columns at once: bounds the memory held as Python strings
LONGEST_FIELD: Final = 2_000  # characters; a longer cell is a broken quotation mark, not a name


@dataclass(frozen=True)
class HeldLine:
    """A line that goes to quarantine. `content` is the line as it came, for the steward alone."""

    line: int
    field: str
    code: str
    remedy: str
    content: str


@dataclass(frozen=True)
class Lines:
    """What a file holds: `frame` has `line` (from 1, the header is 1) and one text column per mapped field."""

    frame: pl.DataFrame
    held: tuple[HeldLine, ...]
    lines_in: int


def read_lines(path: Path, contract: FeedContract) -> Lines:
    """Read a file by its contract.

    Raises BadFile (codes: empty, binary, encoding, delimiter, missing_column, cut_off, line_count): nothing
    of the file is taken. Lines with a wrong number of cells are held; the others go on.
    """
    _refuse_unreadable(path, contract)
    declared = _declared_lines(path, contract)
    csv.field_size_limit(10 * LONGEST_FIELD)
    with path.open(encoding=contract.encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=contract.delimiter)
        try:
            header = [name.strip().removeprefix("\ufeff") for name in next(reader, list[str]())]
            positions = _positions(header, contract, path.name)
            lines = _collect(reader, header, positions, contract)
        except UnicodeDecodeError:
            raise _undecodable(path, contract) from None
        except csv.Error as fault:
            raise BadFile(
                f"cannot be read as delimited text ({fault})",
                file=path.name,
                code="quotation",
                line=reader.line_num,
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
    return lines


def _refuse_unreadable(path: Path, contract: FeedContract) -> None:
    with path.open("rb") as stream:
        head = stream.read(65_536)
    if not head.strip():
        raise BadFile(
            "holds nothing",
            file=path.name,
            code="empty",
            remedy="Send the file again; a day without results still has a header line.",
        )
    if b"\x00" in head:
        raise BadFile(
            "is binary, not text",
            file=path.name,
            code="binary",
            line=1,
            remedy="Send delimited text as the feed contract says.",
        )
    if contract.encoding.lower().replace("_", "-") not in {"utf-8", "utf-8-sig"} and _is_wide_utf8(path):
        raise BadFile(
            f"is written in UTF-8, the feed contract says {contract.encoding}",
            file=path.name,
            code="encoding",
            remedy="Change the encoding in the feed contract, or send the file in the agreed one.",
        )


def _is_wide_utf8(path: Path) -> bool:
    """True if the file has characters beyond ASCII and all of them are UTF-8."""
    content = path.read_bytes()
    if content.isascii():
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _undecodable(path: Path, contract: FeedContract) -> BadFile:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode(contract.encoding)
            except UnicodeDecodeError:
                return BadFile(
                    f"holds bytes that are not {contract.encoding}",
                    file=path.name,
                    code="encoding",
                    line=number,
                    remedy="Send the file in the encoding of the feed contract, or change the contract.",
                )
    return BadFile(
        f"is not {contract.encoding}", file=path.name, code="encoding", remedy="Send it in the agreed encoding."
    )


def _declared_lines(path: Path, contract: FeedContract) -> int | None:
    """Number of lines that the trailer declares. A file without its end was cut off in transfer."""
    with path.open("rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - 4_096))
        tail = stream.read()
    last = tail.rstrip(b"\r\n").rsplit(b"\n", 1)[-1].decode("latin-1").strip()
    if contract.trailer is None:
        if not tail.endswith(b"\n"):
            raise _cut_off(path)
        return None
    mark, _, number = last.partition(contract.delimiter)
    if mark == contract.trailer and not number.strip().strip('"').isdigit():
        raise _cut_off(path)
    if mark != contract.trailer:
        # A wrong delimiter also hides the trailer: say so, it is the likelier mistake.
        if last.startswith(contract.trailer) and last[len(contract.trailer) : len(contract.trailer) + 1] in ",;\t|":
            raise _wrong_delimiter(path.name, contract)
        raise _cut_off(path)
    return int(number.strip().strip('"'))


def _cut_off(path: Path) -> BadFile:
    return BadFile(
        "breaks off before its end",
        file=path.name,
        code="cut_off",
        line=_last_line(path),
        remedy="The transfer was cut. Send the whole file again.",
    )


def _last_line(path: Path) -> int:
    """Number of the line in which the file ends."""
    with path.open("rb") as stream:
        return sum(1 for _ in stream)


def _wrong_delimiter(file: str, contract: FeedContract) -> BadFile:
    return BadFile(
        f"is not separated by {contract.delimiter!r}",
        file=file,
        code="delimiter",
        line=1,
        remedy="Send the file with the delimiter of the feed contract, or change the contract.",
    )


def _positions(header: list[str], contract: FeedContract, file: str) -> dict[str, int]:
    if len(header) == 1 and any(other in header[0] for other in ",;\t|" if other != contract.delimiter):
        raise _wrong_delimiter(file, contract)
    positions: dict[str, int] = {}
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
        positions[field] = header.index(column)
    return positions


def _collect(
    reader: Iterator[list[str]], header: list[str], positions: dict[str, int], contract: FeedContract
) -> Lines:
    width, lines_in, line = len(header), 0, 1
    schema = {"line": pl.Int64} | dict.fromkeys(positions, pl.String)
    frames = [pl.DataFrame(schema=schema)]
    held: list[HeldLine] = []
    rows: list[tuple[int | str, ...]] = []
    order = list(positions.values())
    for cells in reader:
        line += 1
        if not cells:
            continue
        if contract.trailer is not None and cells[0] == contract.trailer and len(cells) == 2:
            break
        lines_in += 1
        if len(cells) == width and max(map(len, cells)) <= LONGEST_FIELD:
            rows.append((line, *[cells[at] for at in order]))
            if len(rows) >= CHUNK:
                frames.append(pl.DataFrame(rows, schema=schema, orient="row"))
                rows = []
        else:
            held.append(_misshapen(line, cells, width, contract))
    frames.append(pl.DataFrame(rows, schema=schema, orient="row"))
    return Lines(frame=pl.concat(frames), held=tuple(held), lines_in=lines_in)


def _misshapen(line: int, cells: list[str], width: int, contract: FeedContract) -> HeldLine:
    code = "cell_count" if len(cells) != width else "cell_too_long"
    remedy = (
        f"The line has {len(cells)} cells, the header {width}: look for a stray delimiter or quotation mark."
        if code == "cell_count"
        else f"A cell is longer than {LONGEST_FIELD} characters: look for a quotation mark that is never closed."
    )
    return HeldLine(line=line, field="*", code=code, remedy=remedy, content=contract.delimiter.join(cells)[:20_000])
