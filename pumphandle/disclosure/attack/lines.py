"""A sparse matrix as compiled loops take it."""

import numpy as np
import scipy.sparse as sp

from pumphandle.disclosure.attack.equations import Integers

Lines = tuple[Integers, Integers, Integers]
"""Starts, places and coefficients, line by line: of the rows of a CSR matrix, of the columns of a CSC matrix."""


def lines(matrix: sp.csr_array | sp.csc_array) -> Lines:
    """Copies: the matrix is not shared."""
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data.astype(np.int64)
