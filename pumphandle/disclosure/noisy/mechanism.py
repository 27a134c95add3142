"""Discrete Laplace noise, drawn by OpenDP from the machine's own source of chance. It cannot be seeded.

OpenDP is an extra (`pip install 'pumphandle[noisy]'`, 265 MB): without it nothing noisy is made. Only its discrete
Laplace on whole numbers is used; its b-ary trees are not (their L2 stability map is wrong, opendp/opendp#2924):
consistency along our tree is post-processing of our own (tree.py).
Source: Ghosh, Roughgarden and Sundararajan (2009) for the mechanism; Canonne, Kamath and Steinke (2020) for sampling it
exactly.
"""

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pumphandle.vocabulary.errors import Broken, Refused

Integers = NDArray[np.int64]
ROUNDING: Final = 1e-9  # OpenDP rounds its privacy map outward


@dataclass(frozen=True)
class Noise:
    """A source of discrete Laplace noise.

    draw : (counts, scale) -> counts with independent noise of that scale
    name : what drew it, with its version, for the product's record
    """

    draw: Callable[[Integers, float], Integers] = field(repr=False)
    name: str


def variance(scale: float) -> float:
    """Of discrete Laplace noise: P(x) proportional to exp(-|x| / scale)."""
    decay = math.exp(-1 / scale)
    return 2 * decay / (1 - decay) ** 2


def scale_for(epsilon: float) -> float:
    """The scale at which counts that one contribution changes by 1 are epsilon-private."""
    if not epsilon > 0:
        raise Refused("Noise needs an epsilon above 0.")
    return 1 / epsilon


def opendp_noise() -> Noise:
    """Raises Refused where OpenDP is not installed."""
    try:
        opendp: Any = importlib.import_module("opendp.prelude")
    except ImportError:
        raise Refused(
            "Noise is drawn by OpenDP, which is not installed here. Install it with: pip install 'pumphandle[noisy]'. "
            "Nothing was made, and nothing was spent."
        ) from None
    return Noise(draw=_drawer(opendp), name=f"discrete Laplace, OpenDP {version('opendp')}")


def _drawer(opendp: ModuleType) -> Callable[[Integers, float], Integers]:
    library: Any = opendp
    library.enable_features("contrib")

    def draw(counts: Integers, scale: float) -> Integers:
        space = library.vector_domain(library.atom_domain(T="i64")), library.l1_distance(T="i64")
        measurement = library.m.make_laplace(*space, scale=scale)
        if measurement.map(d_in=1) > (1 + ROUNDING) / scale:
            raise Broken("OpenDP asks for more of the budget than was meant. Nothing was made.")
        return np.array(measurement(counts.ravel().tolist()), dtype=np.int64).reshape(counts.shape)

    return draw
