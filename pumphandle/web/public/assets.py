"""Style, scripts and the mark: our own files, read once, named one by one, nothing from elsewhere.

The address names the appearance, so that a script's own imports are of the same age, and a browser may keep
them for ever.
"""

from functools import cache
from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from pumphandle.vocabulary.errors import NotFound
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.desk import HERE, Desk

KINDS: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
FOLDER: Final = HERE / "static"


@cache
def files() -> dict[str, bytes]:
    """Name below the static folder -> bytes."""
    found = (one for one in FOLDER.rglob("*") if one.suffix in KINDS)
    return {one.relative_to(FOLDER).as_posix(): one.read_bytes() for one in found}


@get("/static/{version:str}/{path:path}", sync_to_thread=True, include_in_schema=False)
def asset(
    request: WebRequest, version: FromPath[str], path: FromPath[Path], desk: NamedDependency[Desk]
) -> Response[bytes]:
    """A file of the static folder. Raises NotFound for anything else, whatever the path tries."""
    name = path.as_posix().lstrip("/")
    found = files().get(name)
    if found is None:
        raise NotFound("There is no such file.")
    return desk.answers.send(
        request,
        lambda: found,
        address=name,
        standing_on=desk.appearance,
        settled=version == desk.appearance,
        media_type=KINDS[path.suffix],
    )
