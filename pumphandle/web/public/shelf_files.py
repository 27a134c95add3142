"""The public files, where they lie on this machine: an answer that was made with the release is taken from there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pumphandle.store.published import tree
from pumphandle.web.public.holdings import Shelf


class ShelfFiles:
    """Files that were made from just what is held now; any other tree is left alone. folder : may not exist"""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._read_for: Shelf | None = None
        self._tree: tuple[Path, dict[str, Any]] | None = None

    def maker(self, path: str, shelf: Shelf, make: Callable[[], bytes]) -> Callable[[], bytes]:
        """Reads the file of an address, if there is one; `make` otherwise, also where the tree's next turn began."""
        found = self._found(shelf)
        if found is None:
            return make
        root, about = found
        wanted = (root / path.lstrip("/")).resolve()
        if not (wanted.is_relative_to(root) and wanted.is_file()):
            return make

        def read() -> bytes:
            content = wanted.read_bytes()
            return content if tree.state_of_tree(root) == about else make()

        return read

    def root(self, shelf: Shelf) -> Path | None:
        """Where they lie; None where they are not of this moment."""
        found = self._found(shelf)
        return found and found[0]

    def _found(self, shelf: Shelf) -> tuple[Path, dict[str, Any]] | None:
        """A tree, and what it was made from."""
        if self._folder is not None and self._read_for is not shelf:
            about = tree.state(self._folder)
            known = about is not None and _matches(about, shelf)
            self._tree = ((self._folder / tree.CURRENT).resolve(), about) if about is not None and known else None
            self._read_for = shelf if known else None
        return self._tree


def _matches(about: dict[str, Any], shelf: Shelf) -> bool:
    newest = shelf.releases[-1]
    wanted = newest.hash, shelf.atlas.vintage, str(shelf.recalled), shelf.register.mark
    found = about.get("hash"), about.get("vintage"), str(about.get("form")).rpartition(".")[2], about.get("register")
    return found == wanted
