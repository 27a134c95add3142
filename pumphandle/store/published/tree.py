"""Two trees of public files, by turns: one is read, the other is brought to the next release, then one swap.

Whoever reads `current` sees one tree or the other, never a mixture; a crash at any moment leaves the one that is read
as it was. Files are written where they lie, so a day neither makes nor takes away files that were there, and what only
grows has the new rows added at its end: a day costs what the day is (docs/decisions/0021-two-trees-by-turns.md).
"""

import fcntl
import gzip
import json
import os
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

T = TypeVar("T")

STATE: Final = "state.json"
CURRENT: Final = "current"
LEDGER: Final = "ledger.parquet"
TURNS: Final = ("turn-a", "turn-b")
LOCK: Final = "writing.lock"
WORTH_PACKING: Final = 1_000
LEVEL: Final = 6
SMALL: Final = 50_000
LEVEL_OF_SMALL: Final = 4
"""Of files up to SMALL bytes: thousands a day, two thirds of the work for one part in a hundred more bytes."""
PACKED: Final = (".json", ".geojson", ".csv", ".atom")
HANDS: Final = 2
"""Threads that write: compression and the disk wait for each other."""
BATCH: Final = 256
"""Files that a hand takes at once. Whoever makes them waits meanwhile: a thread that computes would hold the hands up
for some milliseconds at each of their calls."""


def state(folder: Path) -> dict[str, Any] | None:
    """What the standing tree was made from, or None before the first."""
    return state_of_tree(folder / CURRENT)


def resting(folder: Path) -> dict[str, Any] | None:
    """What the other tree was made from, the ground of the next. None where there is none, or it is half written."""
    return state_of_tree(at_rest(folder))


def at_rest(folder: Path) -> Path:
    """The tree that is not read now."""
    return folder / _other(folder)


def state_of_tree(root: Path) -> dict[str, Any] | None:
    """None while it is being written."""
    try:
        return json.loads((root / STATE).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Whoever else would write here waits until this one is done: the same rows added twice would be a lie."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _other(folder: Path) -> str:
    link = folder / CURRENT
    standing = os.readlink(link) if link.is_symlink() else ""
    return TURNS[1] if standing == TURNS[0] else TURNS[0]


class NextTree:
    """The tree that is not read, in the making; nobody who asks for `state` takes it for whole before `stand`.

    anew : nothing in it may be grown or kept
    """

    def __init__(self, folder: Path, *, anew: bool = True) -> None:
        self._folder, self._name, self._anew = folder, _other(folder), anew
        self._root = folder / self._name
        self._root.mkdir(parents=True, exist_ok=True)
        (self._root / STATE).unlink(missing_ok=True)
        self._folders = {""}
        self._named: set[str] = {STATE}
        self._counting = Lock()
        self.written = self.kept = self.size = 0

    def put(self, path: str, content: bytes, *, packed: bool = True) -> None:
        """A file, and where it is worth it the same packed beside it. Whoever reads the old one reads it to its end."""
        self._count(written=1, size=len(content))
        target = self._place(path)
        for name, body in _with_twin(path, content, packed=packed):
            self._named.add(name)
            fresh = f"{target}.making"
            _write(fresh, body)
            os.replace(fresh, f"{self._root}/{name}")

    def put_all(self, files: Iterable[tuple[str, bytes]], *, packed: bool = True) -> None:
        """Many small files, several at a time, written where the old ones lie."""

        def write(path: str, content: bytes) -> int:
            for name, body in _with_twin(path, content, packed=packed):
                self._named.add(name)
                _write(f"{self._root}/{name}", body)
            return len(content)

        self._by_hands(files, write)

    def grow_all(self, files: Iterable[tuple[str, bytes]], *, head: bytes) -> None:
        """More at the ends of files; one that is not there, or each of a tree made anew, is `head` and that."""

        def write(path: str, more: bytes) -> int:
            _append(f"{self._root}/{path}", more, head=head, anew=self._anew)
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

    def grow(self, path: str, more: bytes, *, head: bytes) -> Path:
        """As `grow_all`, of one file that has no packed twin. Returns its place."""
        target = self._place(path)
        _append(target, more, head=head, anew=self._anew)
        self._count(written=1, size=len(more))
        return Path(target)

    def keep(self, path: str) -> bool:
        """The file as it lies there. False where there is none."""
        if self._anew or not os.path.exists(f"{self._root}/{path}"):
            return False
        self._named.update((path, f"{path}.gz"))
        self._count(kept=1)
        return True

    def keep_folder(self, path: str) -> bool:
        """All files of a folder. False where there is none."""
        if self._anew or not os.path.isdir(f"{self._root}/{path}"):
            return False
        names = os.listdir(f"{self._root}/{path}")
        self._named.update(f"{path}/{name}" for name in names)
        self._count(kept=len(names))
        return True

    def stand(self, about: dict[str, Any]) -> None:
        """Take away what this turn did not name, write what the tree was made from, and swap."""
        _sweep(self._root, self._named)
        (self._root / STATE).write_text(json.dumps(about, sort_keys=True) + "\n", "utf-8")
        link = self._folder / ".current.making"
        link.unlink(missing_ok=True)
        link.symlink_to(self._name)
        link.replace(self._folder / CURRENT)

    def lay_ground(self) -> None:
        """After a tree that was made anew: the other one becomes the same, so that the next day has what to add to."""
        if not self._anew:
            return
        other = self._folder / _other(self._folder)
        (other / STATE).unlink(missing_ok=True)
        _copy(self._root, other, self._named - {STATE})
        _sweep(other, self._named)
        shutil.copyfile(self._root / STATE, other / STATE)

    def clear(self) -> None:
        """Take away trees of the form before, which had a name each."""
        for one in self._folder.iterdir():
            ours = (one / STATE).exists() or (one.name.startswith(".") and one.name.endswith(".making"))
            if ours and one.name not in (*TURNS, CURRENT) and one.is_dir():
                shutil.rmtree(one)

    def _count(self, *, written: int = 0, kept: int = 0, size: int = 0) -> None:
        with self._counting:
            self.written += written
            self.kept += kept
            self.size += size

    def _place(self, path: str) -> str:
        """Where a file is to lie, in a folder that stands."""
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            os.makedirs(f"{self._root}/{folder}", exist_ok=True)
            self._folders.add(folder)
        self._named.add(path)
        return f"{self._root}/{path}"


def _with_twin(path: str, content: bytes, *, packed: bool) -> Iterator[tuple[str, bytes]]:
    yield path, content
    if packed and len(content) > WORTH_PACKING and path.endswith(PACKED):
        level = LEVEL_OF_SMALL if len(content) <= SMALL else LEVEL
        yield f"{path}.gz", gzip.compress(content, level, mtime=0)


def _write(target: str, content: bytes) -> None:
    """Over what lies there, without the layers of `open`, which cost as much as the file: the disk's blocks are used
    again, which costs an eighth of giving them back and asking for new ones."""
    file = os.open(target, os.O_WRONLY | os.O_CREAT, 0o666)
    try:
        _all_of(file, content)
        os.ftruncate(file, len(content))
    finally:
        os.close(file)


def _append(target: str, more: bytes, *, head: bytes, anew: bool) -> None:
    file = os.open(target, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if anew else os.O_APPEND), 0o666)
    try:
        _all_of(file, more if os.fstat(file).st_size else head + more)
    finally:
        os.close(file)


def _all_of(file: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(file, left) :]


def _copy(source: Path, target: Path, names: Iterable[str]) -> None:
    """Those of the names that are there."""
    folders: set[str] = set()
    for name in sorted(names):
        folder = name.rpartition("/")[0]
        if folder not in folders:
            os.makedirs(f"{target}/{folder}", exist_ok=True)
            folders.add(folder)
        if os.path.exists(f"{source}/{name}"):
            shutil.copyfile(f"{source}/{name}", f"{target}/{name}")


def _sweep(root: Path, named: set[str]) -> None:
    """Take away all files but the named ones, and folders that are empty then."""
    for folder, _, names in os.walk(root, topdown=False):
        inside = os.path.relpath(folder, root)
        before = "" if inside == "." else f"{inside}/"
        gone = [name for name in names if before + name not in named]
        for name in gone:
            os.unlink(f"{folder}/{name}")
        if before and not os.listdir(folder):
            os.rmdir(folder)


def _taken(given: Iterator[T], most: int) -> Iterator[list[T]]:
    """That many at a time."""
    while batch := list(islice(given, most)):
        yield batch
