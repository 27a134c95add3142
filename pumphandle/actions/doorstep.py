"""What lies before the house: which files are whole, and where they are kept once they are taken in."""

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

UNFINISHED: Final = (".part", ".tmp", ".filepart", ".partial")
"""Endings that programs give to a file that they are still writing."""


class Doorstep:
    """What lies before the house: files of the inbox itself, and of the folder of the day.

    A file is whole when neither its size nor its time changed since the last look, and its name is no unfinished one.
    """

    def __init__(self, inbox: Path) -> None:
        self._inbox = inbox
        self._seen: dict[Path, tuple[int, int]] = {}
        self._taken: dict[Path, tuple[int, int]] = {}

    def anything(self) -> bool:
        """Whether anything lies in the inbox itself."""
        return bool(_files(self._inbox))

    def whole(self, day: date) -> list[Path]:
        """Files to take, those that lie there longest first."""
        now = {path: mark for folder in (self._inbox, self._inbox / str(day)) for path, mark in _files(folder)}
        whole = [path for path, mark in now.items() if self._seen.get(path) == mark and self._taken.get(path) != mark]
        self._seen = now
        self._taken = {path: mark for path, mark in self._taken.items() if path in now}
        return sorted(whole, key=lambda path: (now[path][1], path.name))

    def take(self, path: Path, day: date) -> Path | None:
        """Where the file is kept from now on: in the folder of its day. It is not offered again. None: it is gone."""
        mark = self._seen[path]
        try:
            kept = path if path.parent.name == str(day) else _kept(path, self._inbox / str(day))
        except FileNotFoundError:  # somebody else at the door has it
            return None
        self._taken[kept] = mark
        return kept


def _files(folder: Path) -> list[tuple[Path, tuple[int, int]]]:
    """(file, (bytes, time of its last change)) of everything that is not marked as unfinished."""
    found: list[tuple[Path, tuple[int, int]]] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name.startswith(".") or path.name.endswith(UNFINISHED) or not path.is_file():
            continue
        with suppress(FileNotFoundError):  # somebody else at the door has it
            told = path.stat()
            found.append((path, (told.st_size, told.st_mtime_ns)))
    return found


def _kept(path: Path, folder: Path) -> Path:
    """Moved; a second file of the same name gets a number before its ending, so that neither is lost."""
    folder.mkdir(parents=True, exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}.{number}{path.suffix}"
    return path.replace(target)
