"""Style, scripts and the mark: our own files, named one by one, nothing from elsewhere."""

from pathlib import Path
from typing import Final

from litestar import Response, get
from litestar.params import FromPath

from pumphandle.vocabulary.errors import NotFound
from pumphandle.web.public.desk import HERE

KINDS: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
FOLDER: Final = HERE / "static"


@get("/static/{path:path}", sync_to_thread=True, include_in_schema=False)
def asset(path: FromPath[Path]) -> Response[bytes]:
    """A file of the static folder. Raises NotFound for anything else, whatever the path tries."""
    name = path.as_posix().lstrip("/")
    found = {one.relative_to(FOLDER).as_posix(): one for one in FOLDER.rglob("*") if one.suffix in KINDS}.get(name)
    if found is None:
        raise NotFound("There is no such file.")
    return Response(
        found.read_bytes(), media_type=KINDS[found.suffix], headers={"cache-control": "public, max-age=3600"}
    )
