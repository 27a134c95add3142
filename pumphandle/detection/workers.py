"""Who does independent tasks: one after the other here, or an engine that is handed in."""

from collections.abc import Callable, Sequence
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


IN_TURN: Final = InTurn()
