"""What the persons counted know themselves: each 1 is known to its own person."""

from dataclasses import dataclass

import numpy as np

from pumphandle.disclosure.attack.equations import Flags, Integers, System
from pumphandle.disclosure.attack.intervals import intervals
from pumphandle.disclosure.attack.propagation import propagate
from pumphandle.disclosure.attack.structure import split


@dataclass(frozen=True)
class Insiders:
    """singletons : persons who are alone in a hidden cell; opened : (atoms,) exact for one of them, not for others."""

    singletons: int
    opened: Flags


def singleton_insiders(system: System, truth: Integers) -> Insiders:
    """Attack once for each hidden cell of 1, as the person in it, inside its own component.

    truth : (atoms,) the true table, which the auditor has and the attackers have not
    """
    outside = intervals(system, truth=truth)
    bounds = propagate(system)
    parts = split(system, low=bounds.low, high=bounds.high, broken=bounds.broken)
    opened = np.zeros(system.atoms, dtype=np.bool_)
    alone = (truth == 1) & ~outside.exact & (parts.of_atom >= 0)
    for part in parts.parts(np.unique(parts.of_atom[alone])):
        for at in np.flatnonzero(alone[part.atoms]):
            one = np.array([at])
            seen = intervals(part.system.fixed(one, np.ones(1, dtype=np.int64)), truth=truth[part.atoms])
            gained = seen.exact & ~outside.exact[part.atoms]
            gained[at] = False
            opened[part.atoms[gained]] = True
    return Insiders(singletons=int(alone.sum()), opened=opened)
