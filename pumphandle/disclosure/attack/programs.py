"""One component as one HiGHS model: change one cost, solve again from the last basis."""

from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray

from pumphandle.disclosure.attack.equations import NO_BOUND, Integers, System
from pumphandle.vocabulary.errors import CertificateRefused

TOLERANCE = 1e-6
SOLVER = f"HiGHS {highspy.Highs().version()}"
PRIMAL_SIMPLEX = 4
PATIENCE = 60.0  # seconds for all linear programs of a component together
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Extreme:
    """Where a count can go in one direction.

    bound   : no table that fits goes further; NO_BOUND where nothing holds it
    witness : a whole table that fits and reaches `bound`, or None where none was proved
    """

    bound: int
    witness: Integers | None = field(repr=False)


class Program:
    """A component that can be asked, atom by atom, how low and how high.

    linear, integer : programs solved so far
    """

    def __init__(self, system: System, *, seconds: float) -> None:
        self._system = system
        self._seconds = seconds
        self._solver = _model(system, whole=False)
        self._solver.setOptionValue("time_limit", PATIENCE)
        self._asked = np.empty(0, dtype=np.int32)
        self.linear = 0
        self.integer = 0

    def witness(self) -> Integers | None:
        """Any whole table that fits; None if none was found."""
        found = self._solve()
        if found is None:
            return None
        whole = self._whole(found)
        return whole if whole is not None else self._branch(atom=None, sign=0)

    def extreme(self, atom: int, *, sign: int) -> tuple[Extreme, bool]:
        """How far down (sign 1) or up (sign -1) an atom can go, and whether a linear program alone was enough."""
        self._ask(np.array([atom]), np.array([sign]))
        found = self._solve()
        if found is None:
            if sign < 0 and self._solver.getModelStatus() == highspy.HighsModelStatus.kUnbounded:
                return Extreme(bound=NO_BOUND, witness=None), True
            raise CertificateRefused(f"{SOLVER} found no table that fits, where one is known to exist.")
        whole = self._whole(found)
        if whole is not None:
            return Extreme(bound=int(whole[atom]), witness=whole), True
        proved = self._branch(atom=atom, sign=sign)
        if proved is not None:
            return Extreme(bound=int(proved[atom]), witness=proved), False
        outer = np.ceil(found[atom] - TOLERANCE) if sign > 0 else np.floor(found[atom] + TOLERANCE)
        return Extreme(bound=int(outer), witness=None), False

    def harvest(self, atoms: Integers, signs: Integers) -> Integers | None:
        """A whole table that pushes many atoms at once, down (1) or up (-1); None if the optimum is not whole."""
        self._ask(atoms, signs)
        found = self._solve()
        return None if found is None else self._whole(found)

    def _ask(self, atoms: Integers, signs: Integers) -> None:
        if len(self._asked):
            self._solver.changeColsCost(len(self._asked), self._asked, np.zeros(len(self._asked)))
        self._asked = atoms.astype(np.int32)
        self._solver.changeColsCost(len(self._asked), self._asked, signs.astype(np.float64))

    def _solve(self) -> Floats | None:
        self.linear += 1
        self._solver.run()
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return np.array(self._solver.getSolution().col_value, dtype=np.float64)
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnbounded):
            return None
        raise CertificateRefused(f"{SOLVER} ended with: {self._solver.modelStatusToString(status)}.")

    def _whole(self, found: Floats) -> Integers | None:
        """The solution in whole numbers, checked against every row in integers; None if it is not whole."""
        rounded = np.rint(found).astype(np.int64)
        near = np.abs(found - rounded).max(initial=0.0) <= TOLERANCE
        return rounded if near and self._system.holds(rounded) else None

    def _branch(self, *, atom: int | None, sign: int) -> Integers | None:
        """Branch and cut; a witness only where its optimum is proved within the time."""
        self.integer += 1
        solver = _model(self._system, whole=True)
        solver.setOptionValue("time_limit", self._seconds)
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("mip_abs_gap", 0.5)  # counts are whole: a gap below 1 is none
        if atom is not None:
            solver.changeColCost(atom, float(sign))
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return self._whole(np.rint(np.array(solver.getSolution().col_value, dtype=np.float64)))


def _model(system: System, *, whole: bool) -> highspy.Highs:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    if not whole:
        solver.setOptionValue("presolve", "off")
        solver.setOptionValue("solver", "simplex")
        solver.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = system.atoms, system.rows
    model.col_cost_ = np.zeros(system.atoms)
    model.col_lower_, model.col_upper_ = _floats(system.low), _floats(system.high)
    model.row_lower_, model.row_upper_ = _floats(system.row_low), _floats(system.row_high)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = system.matrix.indptr.astype(np.int32)
    model.a_matrix_.index_ = system.matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = system.matrix.data.astype(np.float64)
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * system.atoms
    solver.passModel(model)
    return solver


def _floats(bounds: Integers) -> Floats:
    out = bounds.astype(np.float64)
    out[bounds >= NO_BOUND] = highspy.kHighsInf
    out[bounds <= -NO_BOUND] = -highspy.kHighsInf
    return out
