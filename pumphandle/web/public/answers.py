"""Answers that do not change until the release does: made once, kept within a bound, sent with a tag."""

import gzip
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from threading import Lock
from typing import Final

from litestar import Response

from pumphandle.web.errors import WebRequest

BOUND: Final = 96 * 1024 * 1024
"""Bytes of answers kept in memory."""
WORTH_PACKING: Final = 1_000
LEVEL: Final = 6

FRESH: Final = "public, max-age=60, stale-while-revalidate=600"
"""For an address that follows the newest release."""
SETTLED: Final = "public, max-age=300, stale-while-revalidate=3600"
"""For an address that names its release: it changes only when a cell is recalled, which is seen within minutes."""
EXPOSED: Final = "etag, last-modified, link"
"""Headers that a page elsewhere may read."""

HTML: Final = "text/html"
JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
CSV: Final = "text/csv"
PARQUET: Final = "application/vnd.apache.parquet"
PNG: Final = "image/png"
_PACKED_ALREADY: Final = (PARQUET, PNG)


_REFUSED: Final = re.compile(rb"\s*;\s*q=0(\.0*)?\s*")


def packs(accept_encoding: bytes) -> bool:
    """Whether gzip may be sent: named without q=0."""
    for one in accept_encoding.split(b","):
        name, _, quality = one.strip().partition(b";")
        if name.strip() in (b"gzip", b"*"):
            return not _REFUSED.fullmatch(b";" + quality)
    return False


def known_tag(if_none_match: bytes, tag: bytes) -> bool:
    """Whether the asker holds what the tag names; compared weakly, as RFC 9110 has it."""
    if not if_none_match:
        return False
    known = [one.strip().removeprefix(b"W/") for one in if_none_match.split(b",")]
    return tag in known or b"*" in known


@dataclass(frozen=True)
class Kept:
    """One answer, plain and packed; `packed` is empty where packing is not worth it."""

    body: bytes
    packed: bytes

    @property
    def size(self) -> int:
        return len(self.body) + len(self.packed)


class Answers:
    """Safe to ask from many threads; the least recently asked go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def send(
        self,
        request: WebRequest,
        make: Callable[[], bytes],
        *,
        address: str,
        standing_on: str,
        settled: bool,
        media_type: str,
        file_name: str | None = None,
        modified: datetime | None = None,
    ) -> Response[bytes]:
        """The answer of an address. `standing_on` names everything it was made from: release, vintage, templates."""
        key = _key(standing_on, address)
        packed = packs(request.headers.get("accept-encoding", "").encode()) and media_type not in _PACKED_ALREADY
        tag = f'"{key}-gzip"' if packed else f'"{key}"'
        headers = {"etag": tag, "cache-control": SETTLED if settled else FRESH, "vary": "accept-encoding"}
        if modified is not None:
            headers["last-modified"] = format_datetime(modified.astimezone(UTC), usegmt=True)
        if media_type != HTML:
            headers["access-control-expose-headers"] = EXPOSED
            headers["access-control-allow-origin"] = "*"
        if known_tag(request.headers.get("if-none-match", "").encode(), tag.encode()):
            return Response(b"", status_code=304, headers=headers, media_type=media_type)
        kept = self._find(key) or self._keep(key, make())
        if file_name is not None:
            headers["content-disposition"] = f'attachment; filename="{file_name}"'
        body = kept.body
        if packed and kept.packed:
            body, headers["content-encoding"] = kept.packed, "gzip"
        return Response(body, headers=headers, media_type=media_type)

    def prepare(self, make: Callable[[], bytes], *, address: str, standing_on: str) -> None:
        """Make an answer before anybody asks for it."""
        key = _key(standing_on, address)
        if self._find(key) is None:
            self._keep(key, make())

    def _find(self, key: str) -> Kept | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: str, body: bytes) -> Kept:
        packed = gzip.compress(body, LEVEL, mtime=0) if len(body) > WORTH_PACKING else b""
        kept = Kept(body, packed if len(packed) < len(body) else b"")
        with self._lock:
            if kept.size <= BOUND // 4:
                self._size += kept.size - (self._kept[key].size if key in self._kept else 0)
                self._kept[key] = kept
                while self._size > BOUND:
                    self._size -= self._kept.popitem(last=False)[1].size
        return kept


def _key(standing_on: str, address: str) -> str:
    return sha256(f"{standing_on} {address}".encode()).hexdigest()[:32]
