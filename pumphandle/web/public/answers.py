"""Answers that do not change until the release does: made once, kept within a bound, sent with a tag."""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
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
SETTLED: Final = "public, max-age=86400"
"""For an address that names its release."""

HTML: Final = "text/html"
JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
CSV: Final = "text/csv"
PARQUET: Final = "application/vnd.apache.parquet"


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
    ) -> Response[bytes]:
        """The answer of an address. `standing_on` names everything it was made from: release, vintage, templates."""
        key = sha256(f"{standing_on} {address}".encode()).hexdigest()[:32]
        packs = "gzip" in request.headers.get("accept-encoding", "") and media_type != PARQUET
        tag = f'"{key}-gzip"' if packs else f'"{key}"'
        headers = {"etag": tag, "cache-control": SETTLED if settled else FRESH, "vary": "accept-encoding"}
        if media_type != HTML:
            headers["access-control-allow-origin"] = "*"
        known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
        if tag in known or "*" in known:
            return Response(b"", status_code=304, headers=headers, media_type=media_type)
        kept = self._find(key) or self._keep(key, make())
        if file_name is not None:
            headers["content-disposition"] = f'attachment; filename="{file_name}"'
        body = kept.body
        if packs and kept.packed and media_type != PARQUET:
            body, headers["content-encoding"] = kept.packed, "gzip"
        return Response(body, headers=headers, media_type=media_type)

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
