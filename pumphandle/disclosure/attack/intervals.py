"""How narrowly each count can be placed: the attack itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np

from pumphandle.disclosure.attack.equations import NO_BOUND, Flags, Integers, System
from pumphandle.disclosure.attack.exchange import exchanged
from pumphandle.disclosure.attack.programs import Program
from pumphandle.disclosure.attack.propagation import propagate
from pumphandle.disclosure.attack.structure import Components, Part, split, two_laminar_families
from pumphandle.vocabulary.errors import NotUnderstood


class Method(IntEnum):
    """How the interval of one atom was found."""

    PROPAGATION = 0  # each row alone, to a fixpoint; exact in a component without circles
    LP_INTEGRAL = 1  # linear programs whose optima are whole tables
    MIP = 2  # branch and cut, optimum proved
    UNDECIDED = 3  # outer bounds only, or no table fits at all
    EXCHANGE = 4  # two whole tables, found without a program


@dataclass(frozen=True)
class Intervals:
    """The feasible interval of every atom.

    low, high    : (atoms,) whole numbers, NO_BOUND where nothing bounds; sharp unless UNDECIDED or `wide`
    method       : (atoms,) Method
    wide         : (atoms,) two whole tables at least `enough` apart are known, and no more was asked
    contradicted : (atoms,) in a component that no table fits
    network      : of the circular components asked, how many are two laminar families (totally unimodular); not
                   looked for where `enough` is enough
    """

    low: Integers = field(repr=False)
    high: Integers = field(repr=False)
    method: Integers = field(repr=False)
    wide: Flags = field(repr=False)
    contradicted: Flags = field(repr=False)
    components: int
    circular: int
    network: int
    linear_programs: int
    integer_programs: int

    @property
    def width(self) -> Integers:
        return self.high - self.low

    @property
    def exact(self) -> Flags:
        """Counts that are given away."""
        return (self.low == self.high) & ~self.contradicted

    def methods(self, chosen: Flags) -> dict[str, int]:
        """How many of the chosen atoms were bounded in which way."""
        return by_method(self.method[chosen])

    def with_more(self, more: "Intervals", left: Flags) -> "Intervals":
        """What was found, and of the atoms that were left what was found later."""
        return replace(
            more,
            low=np.where(left, more.low, self.low),
            high=np.where(left, more.high, self.high),
            method=np.where(left, more.method, self.method),
            wide=np.where(left, more.wide, self.wide),
            linear_programs=self.linear_programs + more.linear_programs,
            integer_programs=self.integer_programs + more.integer_programs,
        )


def by_method(used: Integers) -> dict[str, int]:
    """How often each Method was used."""
    counts = np.bincount(used, minlength=len(Method))
    return {method.name.lower(): int(counts[method]) for method in Method if counts[method]}


def summed(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Numbers by name, added up."""
    out: dict[str, int] = {}
    for one in counts:
        for name, number in one.items():
            out[name] = out.get(name, 0) + number
    return out


def intervals(
    system: System,
    *,
    targets: Flags | None = None,
    truth: Integers | None = None,
    enough: int | None = None,
    seconds: float = 10.0,
) -> Intervals:
    """Attack a system: the lowest and highest value of every target that some whole table allows.

    targets : (atoms,) which atoms matter; None: all. Circular ones not asked stay UNDECIDED, with outer bounds
    truth   : (atoms,) a whole table that fits, from one who has it: a first witness; it changes time, not results
    enough  : stop at an atom once two witnesses lie this far apart
    seconds : allowed to one integer program; after it the atom is UNDECIDED

    Raises NotUnderstood for a truth that does not fit, CertificateRefused where the solver fails.
    Method and sources: docs/methods/attack.md.
    """
    if truth is not None and not system.holds(truth):
        raise NotUnderstood("The table given as the truth does not fit the published numbers.")
    bounds = propagate(system)
    parts = split(system, low=bounds.low, high=bounds.high, broken=bounds.broken)
    wanted = np.ones(system.atoms, dtype=np.bool_) if targets is None else targets
    sharp = _sharp(system, parts, settled=bounds.settled)
    work = _Work(system, bounds.low.copy(), bounds.high.copy())
    live = parts.of_atom >= 0
    work.method[live] = np.where(sharp, Method.PROPAGATION, Method.UNDECIDED)[parts.of_atom[live]]
    work.contradict(np.flatnonzero(live)[parts.broken[parts.of_atom[live]]])
    if bounds.broken.any():
        work.contradict(_of_rows(system, bounds.broken))
    asked = np.flatnonzero(~sharp & ~parts.broken & _holding(parts, wanted))
    for part in parts.parts(asked):
        work.bound(part, wanted=wanted, truth=truth, enough=enough, seconds=seconds)
    return Intervals(
        low=work.low,
        high=work.high,
        method=work.method,
        wide=work.wide,
        contradicted=work.contradicted,
        components=parts.count,
        circular=len(asked),
        network=work.network,
        linear_programs=work.linear,
        integer_programs=work.integer,
    )


def by_exchange(system: System, *, targets: Flags, truth: Integers, enough: int) -> Intervals:
    """Targets for which two whole tables `enough` apart are found by exchange: wide. Of all others nothing is said.

    Arguments as of `intervals`. Raises NotUnderstood for a truth that does not fit.
    """
    if not system.holds(truth):
        raise NotUnderstood("The table given as the truth does not fit the published numbers.")
    roomy = targets & (system.high - system.low >= enough)
    least, most = exchanged(system, truth=truth, targets=roomy, enough=enough)
    wide = targets & (most - least >= enough)
    return Intervals(
        low=np.where(wide, least, system.low),
        high=np.where(wide, most, system.high),
        method=np.where(wide, Method.EXCHANGE, Method.UNDECIDED),
        wide=wide,
        contradicted=np.zeros(system.atoms, dtype=np.bool_),
        components=0,
        circular=0,
        network=0,
        linear_programs=0,
        integer_programs=0,
    )


def _sharp(system: System, parts: Components, *, settled: bool) -> Flags:
    """Components in which propagated bounds are exact: no circle, coefficients +1 and -1, nothing left to move."""
    unit = bool((np.abs(system.matrix.data) == 1).all())
    return parts.tree if unit and settled else np.zeros(parts.count, dtype=np.bool_)


def _holding(parts: Components, wanted: Flags) -> Flags:
    out = np.zeros(parts.count, dtype=np.bool_)
    out[parts.of_atom[wanted & (parts.of_atom >= 0)]] = True
    return out


def _of_rows(system: System, rows: Flags) -> Integers:
    return np.unique(system.matrix[np.flatnonzero(rows)].indices).astype(np.int64)


class _Work:
    """Bounds as they tighten, component after component."""

    def __init__(self, system: System, low: Integers, high: Integers) -> None:
        self._given = system
        self.low, self.high = low, high
        self.method = np.zeros(system.atoms, dtype=np.int64)
        self.wide = np.zeros(system.atoms, dtype=np.bool_)
        self.contradicted = np.zeros(system.atoms, dtype=np.bool_)
        self.network = self.linear = self.integer = 0

    def contradict(self, atoms: Integers) -> None:
        self.contradicted[atoms] = True
        self.method[atoms] = Method.UNDECIDED
        self.low[atoms], self.high[atoms] = self._given.low[atoms], self._given.high[atoms]

    def bound(self, part: Part, *, wanted: Flags, truth: Integers | None, enough: int | None, seconds: float) -> None:
        """Every wanted atom of one component; each vertex found is a witness for all of them."""
        program = Program(part.system, seconds=seconds)
        start = program.witness() if truth is None else truth[part.atoms]
        if start is None:
            self.contradict(part.atoms)
        else:
            self.network += enough is None and two_laminar_families(part.system)  # told, never used
            self._extremes(program, part, wanted=wanted, start=start, enough=enough)
        self.linear += program.linear
        self.integer += program.integer

    def _extremes(self, program: Program, part: Part, *, wanted: Flags, start: Integers, enough: int | None) -> None:
        seen = np.stack([start, start])
        asked = np.flatnonzero(wanted[part.atoms])
        _harvest(program, asked, seen, ends=np.stack([part.system.low, part.system.high]), enough=enough)
        for at in asked:
            atom = part.atoms[at]
            ends = np.array([self.low[atom], self.high[atom]])
            method = Method.LP_INTEGRAL
            for end, sign in ((0, 1), (1, -1)):
                if enough is not None and seen[1, at] - seen[0, at] >= enough:
                    self.wide[atom] = True
                    break
                if seen[end, at] == ends[end]:
                    continue  # a witness already stands on the outer bound
                found, plain = program.extreme(int(at), sign=sign)
                if found.witness is not None:
                    seen[0] = np.minimum(seen[0], found.witness)
                    seen[1] = np.maximum(seen[1], found.witness)
                    ends[end] = found.bound
                    method = method if plain else max(method, Method.MIP)
                elif found.bound < NO_BOUND:
                    ends[end] = found.bound
                    method = Method.UNDECIDED
            self.low[atom], self.high[atom] = seen[:, at] if self.wide[atom] else ends
            self.method[atom] = method


def _harvest(program: Program, asked: Integers, seen: Integers, *, ends: Integers, enough: int | None) -> None:
    """First push all open atoms at once, turn and turn about, as long as one program settles several of them."""
    lacking = _lacking(asked, seen, ends=ends, enough=enough)
    sign = 1
    idle = 0
    while len(lacking) > 4 and idle < 2:
        short = seen[0, lacking] > ends[0, lacking] if sign > 0 else seen[1, lacking] < ends[1, lacking]
        here = lacking[short]
        before = len(lacking)
        if len(here):
            witness = program.harvest(here, np.full(len(here), sign))
            if witness is not None:
                np.minimum(seen[0], witness, out=seen[0])
                np.maximum(seen[1], witness, out=seen[1])
        lacking = _lacking(asked, seen, ends=ends, enough=enough)
        idle = 0 if before - len(lacking) > 2 else idle + 1
        sign = -sign


def _lacking(asked: Integers, seen: Integers, *, ends: Integers, enough: int | None) -> Integers:
    """Atoms whose witnesses neither stand on both outer bounds nor lie far enough apart."""
    low, high = seen[:, asked]
    open_end = (low > ends[0, asked]) | (high < ends[1, asked])
    return asked[open_end if enough is None else open_end & (high - low < enough)]
