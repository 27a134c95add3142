"""The tree of public files on disk: a whole new tree beside the old one, then one swap.

A file that did not change is the same file in both (a hard link), so a day costs what the day changed. Whoever reads
`current` sees one tree or the other, never a mixture; a crash at any moment leaves the old one standing.
"""

import gzip
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

T = TypeVar("T")

STATE: Final = "state.json"
CURRENT: Final = "current"
WORTH_PACKING: Final = 1_000
LEVEL: Final = 6
PACKED: Final = (".json", ".geojson", ".csv", ".atom")
HANDS: Final = 2
"""Threads that write: compression and the disk wait for each other."""
BATCH: Final = 256
"""Files that a hand takes at once. Whoever makes them waits meanwhile: a thread that computes would hold the hands up
for some milliseconds at each of their calls."""


def state(folder: Path) -> dict[str, Any] | None:
    """What the standing tree was made from, or None before the first."""
    try:
        return json.loads((folder / CURRENT / STATE).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


class NextTree:
    """A tree in the making. Nothing of it is seen before `stand`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self.old = folder / CURRENT
        self._root = folder / f".{name}.making"
        if self._root.exists():
            shutil.rmtree(self._root)
        self._root.mkdir(parents=True)
        self._made = {""}
        self._before: str | None = None
        self._counting = Lock()
        self.written = self.kept = self.size = 0

    def put(self, path: str, content: bytes, *, packed: bool = True) -> None:
        """A file, and where it is worth it the same packed beside it."""
        self._count(written=1, size=len(content))
        _write(self._place(path), content, packed=packed)

    def put_all(self, files: Iterable[tuple[str, bytes]], *, packed: bool = True) -> None:
        """Many small files, several at a time."""

        def write(path: str, content: bytes) -> int:
            _write(f"{self._root}/{path}", content, packed=packed)
            return len(content)

        self._by_hands(files, write)

    def grow_all(self, files: Iterable[tuple[str, bytes]], *, head: bytes, anew: bool) -> None:
        """The old files with more at their ends, as new files; one without an old file, or each `anew`, is `head` and
        that.
        """

        def write(path: str, more: bytes) -> int:
            before = head if anew else _read(f"{self.old}/{path}", head)
            _write(f"{self._root}/{path}", before + more, packed=False)
            return len(more)

        self._by_hands(files, write)

    def _by_hands(self, files: Iterable[tuple[str, bytes]], write: Callable[[str, bytes], int]) -> None:
        """write : gives the bytes that are new"""

        def work(batch: list[tuple[str, bytes]]) -> None:
            self._count(written=len(batch), size=sum(write(path, content) for path, content in batch))

        with ThreadPoolExecutor(HANDS) as hands:
            for batches in _taken(_taken(iter(files), BATCH), HANDS):
                for path, _ in (one for batch in batches for one in batch):
                    self._place(path)
                for done in [hands.submit(work, batch) for batch in batches]:
                    done.result()

    def grow(self, path: str, more: bytes) -> Path:
        """The old file with more at its end, as a new file; without an old one `more` is all. Returns its place."""
        target = Path(self._place(path))
        old = self.old / path
        if old.exists():
            shutil.copyfile(old, target)
        with target.open("ab") as file:
            file.write(more)
        self._count(written=1, size=len(more))
        return target

    def keep(self, path: str) -> bool:
        """The old file, and its packed twin, as they are. False where there is none."""
        old, target = f"{self.old}/{path}", self._place(path)
        try:
            os.link(old, target)
        except FileNotFoundError:
            return False
        if path.endswith(PACKED) and os.path.exists(f"{old}.gz"):
            os.link(f"{old}.gz", f"{target}.gz")
        self._count(kept=1)
        return True

    def keep_folder(self, path: str) -> bool:
        """All files of an old folder. False where there is none."""
        old = self.old / path
        if not old.is_dir():
            return False
        names = os.listdir(old)
        for name in names:
            os.link(f"{old}/{name}", self._place(f"{path}/{name}"))
        self._count(kept=len(names))
        return True

    def stand(self, about: dict[str, Any]) -> None:
        """Write what the tree was made from, and swap: from now on it is the one that is read."""
        (self._root / STATE).write_text(json.dumps(about, sort_keys=True) + "\n", "utf-8")
        self._before = os.readlink(self.old) if self.old.is_symlink() else None
        name, number = self._name, 1
        while (self._folder / name).exists():
            number += 1
            name = f"{self._name}-{number}"
        self._root.rename(self._folder / name)
        link = self._folder / ".current.making"
        link.unlink(missing_ok=True)
        link.symlink_to(name)
        link.replace(self.old)

    def clear(self) -> None:
        """Take the old tree away, once another stands: of a large nation some 35,000 files."""
        if self._before is not None:
            shutil.rmtree(self._folder / self._before, ignore_errors=True)

    def _count(self, *, written: int = 0, kept: int = 0, size: int = 0) -> None:
        with self._counting:
            self.written += written
            self.kept += kept
            self.size += size

    def _place(self, path: str) -> str:
        """Where a file is to lie, in a folder that stands."""
        folder = path.rpartition("/")[0]
        if folder not in self._made:
            os.makedirs(f"{self._root}/{folder}", exist_ok=True)
            self._made.add(folder)
        return f"{self._root}/{path}"


def _write(target: str, content: bytes, *, packed: bool) -> None:
    _write_new(target, content)
    if packed and len(content) > WORTH_PACKING and target.endswith(PACKED):
        _write_new(f"{target}.gz", gzip.compress(content, LEVEL, mtime=0))


def _write_new(target: str, content: bytes) -> None:
    """Without the layers of `open`, which cost as much as the file."""
    file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(file, left) :]
    finally:
        os.close(file)


def _read(path: str, otherwise: bytes) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except FileNotFoundError:
        return otherwise


def _taken(given: Iterator[T], most: int) -> Iterator[list[T]]:
    """That many at a time."""
    while batch := list(islice(given, most)):
        yield batch
