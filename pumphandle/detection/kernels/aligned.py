"""Rows of eight words that each lie in one line of the processor's memory: a row across two costs twice."""

import numpy as np
import numpy.typing as npt

from pumphandle.compiled import compiled


@compiled
def lines(count: int) -> npt.NDArray[np.uint64]:
    """(count, 8) words, not yet set, the first at a multiple of 64 bytes."""
    words = np.empty(8 * count + 8, dtype=np.uint64)
    skip = (8 - (words.ctypes.data // 8) % 8) % 8
    return words[skip : skip + 8 * count].reshape((count, 8))
