"""Bytes to UTF-8: by the agreed encoding or, where the contract says so, the one that the bytes tell."""

import codecs
from pathlib import Path
from typing import Final

from charset_normalizer import from_bytes

from pumphandle.linelist.feeds import DETECT
from pumphandle.vocabulary.errors import BadFile

SAMPLE: Final = 1 << 18  # bytes beyond ASCII that an encoding is told from
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WIDE: Final = ("utf-16", "utf-32")


def decoded(path: Path, encoding: str) -> bytes:
    """The file as UTF-8, without a mark at its beginning. Raises BadFile: empty, binary, encoding."""
    content = path.read_bytes()
    if not content.strip():
        raise BadFile(
            "holds nothing",
            file=path.name,
            code="empty",
            remedy="Send the file again; a day without results still has a header line.",
        )
    mark = next((name for mark, name in MARKS[1:] if content.startswith(mark)), None)
    if mark is not None and encoding != DETECT and not encoding.lower().replace("_", "-").startswith(WIDE):
        raise BadFile(
            f"is written in {mark.upper()}, the feed contract says {encoding}",
            file=path.name,
            code="encoding",
            line=1,
            remedy="Change the encoding in the feed contract, or send the file in the agreed one.",
        )
    told = _told(content) if encoding == DETECT else encoding.lower().replace("_", "-")
    if not told.startswith(WIDE) and b"\x00" in content[:65_536]:
        raise BadFile(
            "is binary, not text",
            file=path.name,
            code="binary",
            line=1,
            remedy="Send delimited text as the feed contract says.",
        )
    if told not in {"utf-8", "utf-8-sig"} and encoding != DETECT and _is_wide_utf8(content):
        raise BadFile(
            f"is written in UTF-8, the feed contract says {encoding}",
            file=path.name,
            code="encoding",
            remedy="Change the encoding in the feed contract, or send the file in the agreed one.",
        )
    try:
        text = content.decode(told)
    except UnicodeDecodeError:
        raise _undecodable(path.name, content, told) from None
    return (
        content.removeprefix(codecs.BOM_UTF8)
        if told in {"utf-8", "utf-8-sig"}
        else text.removeprefix("\ufeff").encode()
    )


def _told(content: bytes) -> str:
    """A mark, or UTF-8 if all of it is, or the likeliest of what uses such bytes."""
    for mark, name in MARKS:
        if content.startswith(mark):
            return name
    begins = content[:200]
    for at, name in ((1, "utf-16-le"), (0, "utf-16-be")):  # without a mark: every other byte of plain letters is none
        if len(begins) > 3 and not any(begins[at::2]) and all(begins[1 - at :: 2]):
            return name
    try:
        content.decode()
    except UnicodeDecodeError:
        best = from_bytes(_telling(content)).best()
        return best.encoding.replace("_", "-") if best else "cp1252"
    return "utf-8"


def _telling(content: bytes) -> bytes:
    """Lines that hold something beyond ASCII: the others tell nothing of the encoding."""
    return b"\n".join(line for line in content.split(b"\n") if not line.isascii())[:SAMPLE]


def _is_wide_utf8(content: bytes) -> bool:
    """True if there are characters beyond ASCII and all of them are UTF-8."""
    if content.isascii():
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _undecodable(file: str, content: bytes, encoding: str) -> BadFile:
    wide = encoding.startswith(WIDE)
    if (wide and len(content) % 2) or (not wide and not content.endswith((b"\n", b"\r"))):
        return BadFile(
            "breaks off before its end",
            file=file,
            code="cut_off",
            line=len(content.splitlines()),
            remedy="The transfer was cut. Send the whole file again.",
        )
    for number, line in enumerate(content.split(b"\n"), start=1):
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            return BadFile(
                f"holds bytes that are not {encoding}",
                file=file,
                code="encoding",
                line=number,
                remedy="Send the file in the encoding of the feed contract, or change the contract.",
            )
    return BadFile(f"is not {encoding}", file=file, code="encoding", remedy="Send it in the agreed encoding.")
