"""Where a list of nearest places ends."""

import numpy as np
import numpy.typing as npt

from pumphandle.compiled import compiled

F8 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int64]
I4 = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@compiled
def cut_lists(
    far: F8, near: I8, size: F8, cap: float, radius: float, limit: int, same: float, member: I4, closes: Flags, kept: I8
) -> None:
    """Keep of each row the places up to the last circle that fits; kept[row] = -1 where more must be asked for.

    far, near : (rows, asked) distances and places, nearest first
    same : relative difference below which places are equally far: a circle closes behind all of them
    member, closes : (rows, asked) written up to kept[row]
    """
    asked = near.shape[1]
    everything = asked == len(size)
    for row in range(near.shape[0]):
        held = 0.0
        fits = 0
        ended = everything or asked > limit
        for k in range(asked):
            place = near[row, k]
            held += size[place]
            if held > cap or far[row, k] > radius or k >= limit:
                ended = True
                break
            last = k + 1 == asked
            closed = everything if last else far[row, k + 1] > far[row, k] * (1.0 + same)
            member[row, k] = place
            closes[row, k] = closed
            if closed:
                fits = k + 1
        kept[row] = fits if ended else -1


@compiled
def keyed_distances(points: F8, candidates: F8, room: int, out: I8) -> None:
    """out : (points, candidates) squared distance as its 64 bits, the lowest of which hold the candidate's number.

    Positive floats are ordered as their bits are. room : a power of two above the number of candidates
    """
    mask = ~np.int64(room - 1)
    squared = np.empty(len(candidates))
    bits = squared.view(np.int64)
    for row in range(len(points)):
        squared[:] = 0.0
        for axis in range(points.shape[1]):
            for at in range(len(candidates)):
                apart = candidates[at, axis] - points[row, axis]
                squared[at] += apart * apart
        for at in range(len(candidates)):
            out[row, at] = (bits[at] & mask) | at
