"""The tree of public files on disk: a whole new tree beside the old one, then one swap.

A file that did not change is the same file in both (a hard link), so a day costs what the day changed. Whoever reads
`current` sees one tree or the other, never a mixture; a crash at any moment leaves the old one standing.
"""

import gzip
import json
import os
import shutil
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

STATE: Final = "state.json"
CURRENT: Final = "current"
WORTH_PACKING: Final = 1_000
LEVEL: Final = 6
PACKED: Final = (".json", ".geojson", ".csv", ".atom")
THREADS: Final = 2
"""Compression and the disk wait for each other; Python's own work stays on one core."""


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
        self._made: set[Path] = {self._root}
        self._before: str | None = None
        self.written = self.kept = self.size = 0

    def put(self, path: str, content: bytes, *, packed: bool = True) -> None:
        """A file, and where it is worth it the same packed beside it."""
        self.written += 1
        self.size += len(content)
        self._write(path, content, packed)

    def _write(self, path: str, content: bytes, packed: bool) -> None:
        target = self._place(path)
        target.write_bytes(content)
        if packed and len(content) > WORTH_PACKING and target.suffix in PACKED:
            target.with_name(target.name + ".gz").write_bytes(gzip.compress(content, LEVEL, mtime=0))

    def put_all(self, files: Iterable[tuple[str, bytes]], *, packed: bool = True) -> None:
        """Many small files, written beside the making of the next."""
        with ThreadPoolExecutor(THREADS) as hands:
            waiting: list[Future[None]] = []
            for path, content in files:
                self._place(path)
                self.written += 1
                self.size += len(content)
                waiting.append(hands.submit(self._write, path, content, packed))
                if len(waiting) >= 512:
                    for one in waiting:
                        one.result()
                    waiting.clear()
            for one in waiting:
                one.result()

    def grow(self, path: str, more: bytes) -> Path:
        """The old file with more at its end, as a new file; without an old one `more` is all. Returns its place."""
        target = self._place(path)
        old = self.old / path
        if old.exists():
            shutil.copyfile(old, target)
        with target.open("ab") as file:
            file.write(more)
        self.written += 1
        self.size += len(more)
        return target

    def keep(self, path: str) -> bool:
        """The old file, and its packed twin, as they are. False where there is none."""
        old = self.old / path
        if not old.exists():
            return False
        for one in (old, old.with_name(old.name + ".gz")):
            if one.exists():
                os.link(one, self._place(path).with_name(one.name))
        self.kept += 1
        return True

    def keep_folder(self, path: str) -> bool:
        """All files of an old folder. False where there is none."""
        old = self.old / path
        if not old.is_dir():
            return False
        for one in old.iterdir():
            os.link(one, self._place(f"{path}/{one.name}"))
            self.kept += 1
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

    def _place(self, path: str) -> Path:
        target = self._root / path
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        return target
