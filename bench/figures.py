"""What a benchmark says, and on which machine."""

import os
import platform
import resource
from dataclasses import dataclass
from pathlib import Path

SHARED = Path(os.environ.get("PUMPHANDLE_SHARED") or Path(__file__).parents[2] / "shared")


@dataclass(frozen=True)
class Figure:
    """One measured number beside the number that was asked for, both with their unit."""

    what: str
    measured: str
    asked: str
    kept: bool | None = None

    def row(self) -> str:
        verdict = "" if self.kept is None else ("yes" if self.kept else "**no**")
        return f"| {self.what} | {self.measured} | {self.asked} | {verdict} |"


def peak_mib() -> float:
    """The most memory of this program so far. What the system says of a process's resources would not do: there a
    child begins with the peak of its parent."""
    told = [line for line in _lines("/proc/self/status") if line.startswith("VmHWM:")]
    if told:
        return int(told[0].split()[1]) / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def within(wall: float, goal: float) -> bool | None:
    """Whether a goal in wall seconds is kept. None, not judged: it was missed while others had the processors."""
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    return True if wall <= goal else None if busy else False


def as_markdown(title: str, command: str, figures: list[Figure]) -> str:
    head = [f"## {title}", "", f"`{command}`", "", "| what | measured | asked | kept |", "|---|---|---|---|"]
    return "\n".join([*head, *(figure.row() for figure in figures), ""])


def machine() -> str:
    """Cores, memory, processor, versions: no name and no path of the machine."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = next(
        (int(line.split()[1]) / 2**20 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0.0
    )
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({model or platform.machine()}), {memory:.0f} GiB, {platform.system()},"
        f" Python {platform.python_version()}; load at the start {load:.1f}"
    )


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text("ascii", errors="replace").splitlines() if file.exists() else []
