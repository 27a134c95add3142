"""Which of the names, addresses, numbers and telephones of a PID is the person's, by what HL7 says of each.

Every list is in the order in which it is taken; what stands in none comes second. What was over, or had not begun, on
the day of the specimen is not used, or a name only where there is no other. docs/reference/refusals.md has it in words.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pumphandle.linelist.answers import Collected, day_of
from pumphandle.linelist.segments import moment, part, repetitions

UNSAID: Final = 1
LAST: Final = 8
NEVER: Final = 9
NAMES: Final[Mapping[str, int]] = {
    "L": 0, "N": 2, "T": 2, "A": 3, "S": 4, "B": 5, "BAD": 5, "M": 5, "MSK": 5, "NAV": 5, "NB": 5, "P": 5,
}  # fmt: skip
"""Table 0200: legal; then display, adopted, licence or unsaid; nickname; alias; pseudonym; birth, maiden and others."""
ADDRESSES: Final[Mapping[str, int]] = {
    "H": 0, "C": 2, "V": 3, "M": 4, "BI": 4, "SH": 4,
    "BA": NEVER, "B": NEVER, "O": NEVER, "N": NEVER, "BDL": NEVER, "BR": NEVER, "F": NEVER, "S": NEVER, "TM": NEVER,
}  # fmt: skip
"""Table 0190: home; then legal, permanent, registered or unsaid; current or temporary; vacation; for letters alone."""
TELEPHONES: Final[Mapping[str, int]] = {
    "PRN": 0, "PRS": 0, "ORN": 2, "VHN": 2, "NET": NEVER, "WPN": NEVER, "ASN": NEVER, "EMR": NEVER, "BPN": NEVER,
}  # fmt: skip
"""Table 0201: of the person or of the home; then unsaid; another home. Never work, mail, an emergency contact."""
NO_TELEPHONES: Final = frozenset({"Internet", "X.400", "FX", "MD", "TTY"})
"""Table 0202."""


def person(pid: Any, collected: Collected, day: str) -> dict[str, str]:
    """Our fields of who was tested. day : of the specimen (YYYY-MM-DD, or what stands there)"""
    zone, sex = collected.zone, part(pid, 8, 1)

    def over(field: int, begins: int, ends: int, at: int) -> bool:
        first, last = (moment(part(pid, field, one, at))[:10] for one in (begins, ends))
        return bool((last and last < day[: len(last)]) or (first and day and first > day[: len(first)]))

    def called(at: int) -> int:
        return LAST if over(5, 12, 13, at) else NAMES.get(part(pid, 5, 7, at), UNSAID)

    def lived(at: int) -> int:
        return NEVER if over(11, 13, 14, at) else ADDRESSES.get(part(pid, 11, 7, at), UNSAID)

    name = _best(pid, 5, called, (1, 2))
    home = _best(pid, 11, lived, (5, 1, 3))
    phone = _best(pid, 13, lambda at: _telephone(pid, at), (12, 7, 1))
    return {
        "national_id": _national(pid, collected, lambda at: over(3, 7, 8, at)),
        "family_name": _part(pid, 5, 1, name),
        "given_name": _part(pid, 5, 2, name),
        "date_of_birth": day_of(moment(part(pid, 7, 1)), zone)[:10],
        "sex": collected.tables.sexes.get(("HL70001", sex), sex),
        "address": ", ".join(piece for piece in (_part(pid, 11, at, home) for at in (1, 2, 3)) if piece),
        "postcode": _part(pid, 11, 5, home),
        "phone": _part(pid, 13, 12, phone)
        or _part(pid, 13, 6, phone) + _part(pid, 13, 7, phone)
        or _part(pid, 13, 1, phone),
    }


def _part(pid: Any, field: int, component: int, repetition: int | None) -> str:
    return "" if repetition is None else part(pid, field, component, repetition)


def _best(pid: Any, field: int, rank: Callable[[int], int], says: Sequence[int]) -> int | None:
    """The first repetition of the lowest rank that holds any of the components `says`."""
    some = [at for at in repetitions(pid, field) if any(part(pid, field, one, at) for one in says)]
    return min((at for at in some if rank(at) < NEVER), key=rank, default=None)


def _telephone(pid: Any, at: int) -> int:
    return NEVER if part(pid, 13, 3, at) in NO_TELEPHONES else TELEPHONES.get(part(pid, 13, 2, at), UNSAID)


def _national(pid: Any, collected: Collected, over: Callable[[int], bool]) -> str:
    """By the contract's order of types and, where it names any, of authorities. Two that differ there: neither."""
    contract = collected.contract
    types, authorities = contract.identifier_types, contract.identifier_authorities
    found: dict[tuple[int, int], set[str]] = {}
    for at in repetitions(pid, 3):
        number, kind = part(pid, 3, 1, at), part(pid, 3, 5, at)
        if not number or kind not in types or over(at):
            continue
        by = [authorities.index(one) for one in _authority(pid, at) if one in authorities]
        if by or not authorities:
            found.setdefault((types.index(kind), min(by, default=0)), set()).add(number)
    first = found[min(found)] if found else set[str]()
    return next(iter(first)) if len(first) == 1 else ""


def _authority(pid: Any, at: int) -> Iterator[str]:
    """CX-4: its name, and its universal identifier."""
    yield from (part(pid, 3, 4, at), part(pid, 3, 4, at, 2))
