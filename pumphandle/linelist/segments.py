"""Segments of HL7 v2 as `messages` has them, lists of their fields' text or the hl7 package's: their parts as text."""

import re
from typing import Any, Final

from pumphandle.linelist.code_tables import Coded

MOMENT: Final = re.compile(
    r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.\d{1,4})?)?)?)?(?:([+-])(\d{2})(\d{2}))?"
)
ESCAPES: Final = (("\\F\\", "|"), ("\\S\\", "^"), ("\\T\\", "&"), ("\\R\\", "~"), ("\\.br\\", " "), ("\\E\\", "\\"))


def name_of(segment: Any) -> str:
    first = segment[0]
    return first if type(segment) is list else str(first[0])


def part(segment: Any, field: int, component: int, repetition: int = 0, inner: int = 1) -> str:
    """Text of a component (of its subcomponent `inner`), from 1; empty where there is none. repetition : from 0"""
    try:
        piece: Any = segment[field]
        if isinstance(piece, str):
            if "~" in piece or repetition:
                piece = piece.split("~")[repetition]
            if "^" in piece or component > 1:
                piece = piece.split("^")[component - 1]
            if "&" in piece or inner > 1:
                piece = piece.split("&")[inner - 1]
            return _plain(piece)
        piece = piece[repetition]
        for at in (component - 1, inner - 1):
            if isinstance(piece, str):
                if at:
                    return ""
            else:
                piece = piece[at]
        while not isinstance(piece, str):
            piece = piece[0]
    except (IndexError, KeyError):
        return ""
    return _plain(piece)


def _plain(text: str) -> str:
    """Without the escapes of the standard (chapter 2.7) and HL7's word for deleted."""
    if "\\" in text:
        for escape, sign in ESCAPES:
            text = text.replace(escape, sign)
    text = text.strip()
    return "" if text == '""' else text


def repetitions(segment: Any, field: int) -> range:
    try:
        piece: Any = segment[field]
    except IndexError:
        return range(0)
    return range(piece.count("~") + 1 if isinstance(piece, str) else len(piece))


def coded(segment: Any, field: int) -> list[Coded]:
    """Both codings of a coded element, of each repetition: components 1 and 3, 4 and 6."""
    found: list[Coded] = []
    for at in repetitions(segment, field):
        for said, by in ((1, 3), (4, 6)):
            code = part(segment, field, said, at)
            if code:
                found.append((part(segment, field, by, at) or "L", code))
    return found


def texts(segment: Any, field: int, *, is_coded: bool) -> list[str]:
    """What people read of a field, of each repetition: of a coded element its texts, 2, 5 and 9."""
    components = (2, 5, 9) if is_coded else (1,)
    said = (part(segment, field, one, at) for at in repetitions(segment, field) for one in components)
    return [one for one in said if one]


def moment(text: str) -> str:
    """HL7's YYYYMMDD[HH[MM[SS]]][+ZZZZ] as ISO 8601; anything else as it came."""
    found = MOMENT.fullmatch(text)
    if found is None:
        return text
    year, month, day, hour, minute, second, sign, over, under = found.groups()
    iso = f"{year}-{month}-{day}"
    if hour is not None:
        iso += f"T{hour}:{minute or '00'}:{second or '00'}"
        iso += f"{sign}{over}:{under}" if sign else ""
    return iso
