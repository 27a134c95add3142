"""Python to machine code."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Machine code that releases the interpreter lock and is kept on disk.

    Trap: what is kept is renewed when the function's own file changes, not when a file that it calls changes.
    Whoever edits a kernel removes the `__pycache__` of its folder.
    """
    return cast("Callable[P, R]", numba.njit(nogil=True, cache=True)(function))
