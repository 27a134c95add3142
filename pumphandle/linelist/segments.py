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


def cells(segment: Any, field: int) -> list[list[str]]:
    """A field's repetitions, each as its components as `part` has them; empty where nothing stands."""
    try:
        piece: Any = segment[field]
    except IndexError:
        return []
    if isinstance(piece, str):
        each = [one.split("^") for one in piece.split("~")] if piece else []
        plain = "&" not in piece and "\\" not in piece and '"' not in piece
        if plain:
            return [[text.strip() for text in one] for one in each]
        return [[_plain(text.split("&", 1)[0]) for text in one] for one in each]
    return [
        [part(segment, field, one, at) for one in range(1, 1 + (1 if isinstance(each, str) else len(each)))]
        for at, each in enumerate(piece)
    ]


def coded(segment: Any, field: int) -> list[Coded]:
    """Both codings of a coded element, of each repetition: components 1 and 3, 4 and 6."""
    return [
        (said[by] if len(said) > by and said[by] else "L", said[at])
        for said in cells(segment, field)
        for at, by in ((0, 2), (3, 5))
        if len(said) > at and said[at]
    ]


def texts(segment: Any, field: int, *, is_coded: bool) -> list[str]:
    """What people read of a field, of each repetition: of a coded element its texts, 2, 5 and 9."""
    places = (1, 4, 8) if is_coded else (0,)
    return [said[at] for said in cells(segment, field) for at in places if len(said) > at and said[at]]


def moment(text: str) -> str:
    """HL7's YYYYMMDD[HH[MM[SS]]][+ZZZZ] as ISO 8601; anything else as it came."""
    found = MOMENT.fullmatch(text) if text else None
    if found is None:
        return text
    year, month, day, hour, minute, second, sign, over, under = found.groups()
    iso = f"{year}-{month}-{day}"
    if hour is not None:
        iso += f"T{hour}:{minute or '00'}:{second or '00'}"
        iso += f"{sign}{over}:{under}" if sign else ""
    return iso
