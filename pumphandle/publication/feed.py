"""The change log of what is published, and the same as an Atom feed (RFC 4287)."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from pumphandle.publication.edition import Release

NEWEST: Final = 50
"""Entries of the feed; the change log has all."""
_HOUSE: Final = uuid.UUID("0d2a3e5c-7d0f-5b3c-9a3f-18540831beef")
"""Name space of the entries' identifiers."""
_ATOM: Final = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Entry:
    """Something that happened to what is published.

    kind : release, rule, hold, recall, concern or status rule; release_id : empty where it is of no release
    page : where more is said; key : tells entries of one kind apart
    """

    at: datetime
    kind: str
    title: str
    detail: str
    release_id: str
    page: str
    key: str

    def record(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "key"}


def entries(releases: Sequence[Release], decided: Sequence[Entry] = ()) -> list[Entry]:
    """Newest first: every release, beside it the numbers of the rule that changed with it, and what people decided."""
    found: list[Entry] = []
    before: Mapping[str, Any] | None = None
    for one in releases:
        windows = "1 window" if one.block_count == 1 else f"{one.block_count:,} windows"
        about = f"Results that had arrived by {one.as_of}: {windows} added, none changed. Sealed as {one.hash}."
        place = (one.release_id, f"/releases/{one.release_id}", one.release_id)
        found.append(Entry(one.made_at, "release", f"Release {one.release_id}", about, *place))
        if before is not None and before != one.rule:
            told = _told(before, one.rule)
            found.append(Entry(one.made_at, "rule", "The rule of publication changed", told, *place))
        before = one.rule
    return sorted(found[::-1] + list(decided), key=lambda one: one.at, reverse=True)


def _told(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    told = [f"{name.replace('_', ' ')} from {before.get(name, 'none')} to {after.get(name, 'none')}" for name in names]
    return "; ".join(told) + "."


def atom(found: Sequence[Entry], *, nation: str) -> bytes:
    """The newest entries. Links are relative: the site knows no address of its own."""
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    SubElement(feed, "title").text = f"Releases of published figures: {nation}"
    SubElement(feed, "id").text = uuid.uuid5(_HOUSE, nation).urn
    SubElement(feed, "updated").text = found[0].at.isoformat()
    SubElement(SubElement(feed, "author"), "name").text = "Pumphandle"
    SubElement(feed, "link", {"rel": "self", "href": "/releases.atom", "type": "application/atom+xml"})
    SubElement(feed, "link", {"rel": "alternate", "href": "/releases", "type": "text/html"})
    for one in found[:NEWEST]:
        entry = SubElement(feed, "entry")
        SubElement(entry, "title").text = one.title
        SubElement(entry, "id").text = uuid.uuid5(_HOUSE, f"{nation} {one.key} {one.kind}").urn
        SubElement(entry, "updated").text = one.at.isoformat()
        SubElement(entry, "link", {"rel": "alternate", "href": one.page, "type": "text/html"})
        SubElement(entry, "category", {"term": one.kind})
        SubElement(entry, "summary").text = one.detail
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(feed, encoding="utf-8")
