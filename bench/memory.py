"""The most memory that this process and a PostgreSQL server held together, sampled while something runs."""

import os
import threading
from pathlib import Path
from time import thread_time
from types import TracebackType
from typing import Self


class PeakMemory:
    """with PeakMemory(data_folder) as peak: …; peak.mib afterwards. Proportional set sizes, Linux only (else 0).

    own : processor seconds that looking has cost this process, which are not what is measured
    """

    def __init__(self, server_data: Path) -> None:
        self.mib, self.own = 0.0, 0.0
        self._data = server_data
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._over.wait(1.0):
            self.mib = max(self.mib, sum(_held(process) for process in self._processes()))
            self.own = thread_time()

    def _processes(self) -> list[Path]:
        """Ourselves and every process that works in the server's data folder."""
        found = [Path("/proc/self")]
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if os.path.samefile(process / "cwd", self._data):
                    found.append(process)
            except OSError:
                continue
        return found


def _held(process: Path) -> float:
    try:
        lines = (process / "smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
