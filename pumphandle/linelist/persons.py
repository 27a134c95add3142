"""Which of the names, addresses, numbers and telephones of a PID is the person's, by what HL7 says of each.

Every list is in the order in which it is taken; what stands in none comes second. What was over, or had not begun, on
the day of the specimen is not used, or a name only where there is no other. docs/reference/refusals.md has it in words.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pumphandle.linelist.answers import Collected, day_of
from pumphandle.linelist.segments import cells, moment, part

Said = Sequence[str]
"""Components of one repetition of a field."""
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
    sex = part(pid, 8, 1)

    def called(name: Said) -> int:
        return LAST if _over(name, 12, 13, day) else NAMES.get(_at(name, 7), UNSAID)

    def lived(home: Said) -> int:
        return NEVER if _over(home, 13, 14, day) else ADDRESSES.get(_at(home, 7), UNSAID)

    name = _best(cells(pid, 5), called, (1, 2))
    home = _best(cells(pid, 11), lived, (5, 1, 3))
    phone = _best(cells(pid, 13), _reached, (12, 7, 1))
    return {
        "national_id": _national(pid, collected, day),
        "family_name": _at(name, 1),
        "given_name": _at(name, 2),
        "date_of_birth": day_of(moment(part(pid, 7, 1)), collected.zone)[:10],
        "sex": collected.tables.sexes.get(("HL70001", sex), sex),
        "address": ", ".join(piece for piece in home[:3] if piece),
        "postcode": _at(home, 5),
        "phone": _at(phone, 12) or _at(phone, 6) + _at(phone, 7) or _at(phone, 1),
    }


def _at(said: Said, component: int) -> str:
    return said[component - 1] if len(said) >= component else ""


def _over(said: Said, begins: int, ends: int, day: str) -> bool:
    """Whether it had ended on the day, or not begun."""
    if len(said) < begins:
        return False
    first, last = (moment(_at(said, one))[:10] for one in (begins, ends))
    return bool((last and last < day[: len(last)]) or (first and day and first > day[: len(first)]))


def _best(several: list[list[str]], rank: Callable[[Said], int], says: Sequence[int]) -> Said:
    """The first repetition of the lowest rank that holds any of the components `says`; else one without any."""
    some = [one for one in several if any(_at(one, at) for at in says)]
    best = min(some, key=rank, default=())
    return best if best and rank(best) < NEVER else ()


def _reached(phone: Said) -> int:
    return NEVER if _at(phone, 3) in NO_TELEPHONES else TELEPHONES.get(_at(phone, 2), UNSAID)


def _national(pid: Any, collected: Collected, day: str) -> str:
    """By the contract's order of types and, where it names any, of authorities. Two that differ there: neither."""
    contract = collected.contract
    types, authorities = contract.identifier_types, contract.identifier_authorities
    found: dict[tuple[int, int], set[str]] = {}
    for at, one in enumerate(cells(pid, 3)):
        number, kind = _at(one, 1), _at(one, 5)
        if not number or kind not in types or _over(one, 7, 8, day):
            continue
        named = (_at(one, 4), part(pid, 3, 4, at, 2)) if authorities else ()  # CX-4: name, universal identifier
        by = [authorities.index(each) for each in named if each in authorities]
        if by or not authorities:
            found.setdefault((types.index(kind), min(by, default=0)), set()).add(number)
    first = found[min(found)] if found else set[str]()
    return next(iter(first)) if len(first) == 1 else ""
