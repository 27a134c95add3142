"""Which person a line is about: the national identifier first, then names and date of birth.

Exact matching only: a line that matches nobody mints a new person. Merging what exact matching
parts is a later deed with its own evidence; it never happens by guess.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pumphandle.identity.pseudonyms import person_key


@dataclass(frozen=True)
class Person:
    """A person as the identified shelf knows them."""

    person_key: str
    national_id: str | None
    demographic_key: str | None


@dataclass(frozen=True)
class Linked:
    """keys : person key by record key; new : persons minted; learnt : known persons whose identifier came to light."""

    keys: dict[str, str]
    new: list[Person]
    learnt: list[Person]


@dataclass(frozen=True)
class Line:
    """What a line says of its person. previous : the person that the record had before it was corrected."""

    record_key: str
    version: int
    national_id: str | None
    demographic_key: str | None
    previous: str | None = None


def link(lines: Iterable[Line], known: Iterable[Person], *, key: bytes) -> Linked:
    """Give every line its person.

    lines : in a fixed order; national_id only where it can be right
    known : persons who share an identifier or a demographic key with one of the lines, and every `previous`

    Two different identifiers are never one person, whatever their names. A corrected record stays with its
    person unless what it says now is somebody else.
    """
    shelf = _Shelf(known, key)
    keys = {line.record_key: shelf.person_of(line) for line in lines}
    return Linked(
        keys=keys,
        new=[shelf.persons[one] for one in sorted(shelf.fresh)],
        learnt=[shelf.persons[one] for one in sorted(shelf.learnt - shelf.fresh)],
    )


class _Shelf:
    """Persons found so far, by what they are found by."""

    def __init__(self, known: Iterable[Person], key: bytes) -> None:
        self.key = key
        self.persons = {person.person_key: person for person in known}
        self.fresh: set[str] = set()
        self.learnt: set[str] = set()
        self._by_id = {one.national_id: one.person_key for one in self.persons.values() if one.national_id}
        self._by_demographic: dict[str, str] = {}
        for person in sorted(self.persons.values(), key=lambda one: one.person_key):
            if person.demographic_key:
                self._by_demographic.setdefault(person.demographic_key, person.person_key)

    def person_of(self, line: Line) -> str:
        found = self._by_id.get(line.national_id) if line.national_id else None
        if found is None:
            found = next((one for one in self._candidates(line) if self._can_be(one, line.national_id)), None)
        if found is None:
            return self._mint(line)
        if line.national_id and self.persons[found].national_id is None:
            self.persons[found] = replace(self.persons[found], national_id=line.national_id)
            self._by_id[line.national_id] = found
            self.learnt.add(found)
        return found

    def _candidates(self, line: Line) -> Iterator[str]:
        if line.demographic_key is not None and line.demographic_key in self._by_demographic:
            yield self._by_demographic[line.demographic_key]
        if line.previous is not None:
            yield line.previous

    def _can_be(self, candidate: str, national_id: str | None) -> bool:
        return national_id is None or self.persons[candidate].national_id is None

    def _mint(self, line: Line) -> str:
        minted = person_key(self.key, line.record_key, line.version)
        self.persons[minted] = Person(minted, line.national_id, line.demographic_key)
        self.fresh.add(minted)
        if line.national_id:
            self._by_id[line.national_id] = minted
        if line.demographic_key is not None:
            self._by_demographic.setdefault(line.demographic_key, minted)
        return minted
