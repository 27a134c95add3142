"""The console's own few files; nothing comes from elsewhere."""

from functools import cache
from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.params import FromPath

from pumphandle.vocabulary.errors import NotFound
from pumphandle.web.console.house import HERE

KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@get("/static/{name:str}", sync_to_thread=True)
def file(name: FromPath[str]) -> Response[bytes]:
    """Only files that are in the folder now: the name is looked up, never joined to a path."""
    path = _files().get(name)
    if path is None:
        raise NotFound("There is no such file.")
    return Response(path.read_bytes(), media_type=KINDS[path.suffix], headers={"Cache-Control": "public, max-age=300"})


@cache
def _files() -> dict[str, Path]:
    return {path.name: path for path in (HERE / "static").iterdir() if path.suffix in KINDS}
