"""Who does independent tasks: one after the other here, or an engine that is handed in."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Workers(Protocol):
    """The small interface behind which threads, processes, Dask, Ray or Spark may stand.

    map : results in the order of the tasks; task and result must be picklable for workers elsewhere
    """

    def map(self, task: Callable[[T], R], given: Sequence[T], /) -> list[R]: ...


class InTurn:
    """One after the other, in this process."""

    def map(self, task: Callable[[T], R], given: Sequence[T], /) -> list[R]:
        return [task(one) for one in given]


class Threads:
    """So many at a time in this process: compiled loops let go of the interpreter, so threads do work side by side."""

    def __init__(self, count: int) -> None:
        self._count = count

    def map(self, task: Callable[[T], R], given: Sequence[T], /) -> list[R]:
        with ThreadPoolExecutor(max(1, self._count)) as pool:
            return list(pool.map(task, given))


IN_TURN: Final = InTurn()
