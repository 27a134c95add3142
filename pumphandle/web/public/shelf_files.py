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
        self._root: Path | None = None

    def maker(self, path: str, shelf: Shelf, make: Callable[[], bytes]) -> Callable[[], bytes]:
        """Reads the file of an address, if there is one; `make` otherwise."""
        root = self.root(shelf)
        if root is None:
            return make
        wanted = (root / path.lstrip("/")).resolve()
        return wanted.read_bytes if wanted.is_relative_to(root) and wanted.is_file() else make

    def root(self, shelf: Shelf) -> Path | None:
        """Where they lie; None where they are not of this moment."""
        if self._read_for is not shelf:
            self._root = None if self._folder is None else _matching(self._folder, tree.state(self._folder), shelf)
            self._read_for = shelf if self._root is not None else None
        return self._root


def _matching(folder: Path, about: dict[str, Any] | None, shelf: Shelf) -> Path | None:
    newest = shelf.releases[-1]
    wanted = newest.hash, shelf.atlas.vintage, str(shelf.recalled), shelf.register.mark
    told = about or dict[str, Any]()
    found = told.get("hash"), told.get("vintage"), str(told.get("form")).rpartition(".")[2], told.get("register")
    same = found == wanted
    return (folder / tree.CURRENT).resolve() if same else None
