"""Python to machine code."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba
import numpy as np
import scipy.sparse as sp

from pumphandle.disclosure.attack.equations import Integers

P = ParamSpec("P")
R = TypeVar("R")

Lines = tuple[Integers, Integers, Integers]
"""Starts, places and coefficients of a sparse matrix, line by line."""


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Machine code that is kept on disk; renewed when its own file changes, not those it calls."""
    return cast("Callable[P, R]", numba.njit(nogil=True, cache=True)(function))


def lines(matrix: sp.csr_array | sp.csc_array) -> Lines:
    """As compiled code takes a matrix."""
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data.astype(np.int64)
