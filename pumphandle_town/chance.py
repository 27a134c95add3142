"""Chance that can be asked again: every draw is a function of seed, stream name and index."""

from dataclasses import dataclass
from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Days: TypeAlias = NDArray[np.int16]


@dataclass(frozen=True)
class Chance:
    """Nobody is stored who is never asked for: age, name or typing slip of number i come from (seed, stream, i).

    Source of the mixing: Steele, Lea, Flood (2014), SplitMix64.
    """

    seed: int

    def bits(self, stream: str, index: Ints) -> NDArray[np.uint64]:
        """64 well-mixed bits for each index."""
        start = (self.seed * 0x9E3779B97F4A7C15 + crc32(stream.encode()) * 0xD1B54A32D192ED03) & 0xFFFFFFFFFFFFFFFF
        mixed = index.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))

    def share(self, stream: str, index: Ints) -> Floats:
        """Uniform in [0, 1) for each index."""
        return (self.bits(stream, index) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, stream: str, index: Ints, top: int) -> Ints:
        """Uniform whole number in 0..top-1 for each index."""
        return (self.bits(stream, index) % np.uint64(top)).astype(np.int64)

    def generator(self, stream: str, number: int = 0) -> np.random.Generator:
        """A sequence of draws of its own, for what is made in one go."""
        return np.random.default_rng([self.seed, crc32(stream.encode()), number])
