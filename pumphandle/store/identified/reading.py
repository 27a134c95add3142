"""What the console reads: one authority's records and deliveries.

The authority is never an argument: every transaction is opened for one, and the database shows its rows only, and of
them only the fields that the authority's agreement and the reader's role allow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, LiteralString

from psycopg.rows import class_row
from psycopg.sql import SQL, Composable, Placeholder

from pumphandle.store.engine import Transaction

PAGE_SIZE: Final = 50
COUNTED_TO: Final = 10_000
"""Totals beyond this are shown as "more than": counting them would cost more than it tells."""

ORDERS: Final[Mapping[str, tuple[LiteralString, bool]]] = {
    "newest": ("specimen_date", False),
    "oldest": ("specimen_date", True),
    "arrived": ("report_date", False),
    "name": ("lower(coalesce(family_name, '') || ' ' || coalesce(given_name, ''))", True),
    "area": ("coalesce(small_area, '')", True),
}
"""Name of an order -> column, and whether it rises; ties fall to record_key, so that no page overlaps the next."""


@dataclass(frozen=True)
class LineQuestion:
    """What somebody wants to see of the line list. None: not asked about.

    first, last : specimen dates, both included
    came, change : the day on which the authority was told, and what (new, changed, withdrawn)
    search : words of a name, or the beginning of a postcode
    after : record_key of the last line already seen
    """

    result: str | None = None
    first: date | None = None
    last: date | None = None
    small_area: str | None = None
    came: date | None = None
    change: str | None = None
    search: str | None = None
    order: str = "newest"
    after: str | None = None

    @property
    def filters(self) -> list[str]:
        """Which kinds of filter are set: this may be written down, what was searched may not."""
        kinds = ("result", "first", "last", "small_area", "came", "change", "search")
        return [kind for kind in kinds if getattr(self, kind) is not None]


@dataclass(frozen=True)
class Line:
    """One record as it stands now."""

    record_key: str
    version: int
    kind: str
    person_key: str
    household_key: str
    laboratory: str
    specimen_id: str
    national_id: str | None
    family_name: str | None
    given_name: str | None
    date_of_birth: date | None
    sex: str
    age_band: str
    address: str | None
    postcode: str | None
    phone: str | None
    specimen_date: date
    report_date: date
    pathogen: str
    result: str
    small_area: str | None
    small_area_name: str | None

    @property
    def full_name(self) -> str:
        """GIVEN FAMILY, or what there is of it."""
        return " ".join(part for part in (self.given_name, self.family_name) if part) or "Name not shown"


@dataclass(frozen=True)
class LinePage:
    """total is capped at COUNTED_TO + 1; `next_after` is None on the last page."""

    lines: list[Line]
    total: int
    next_after: str | None


@dataclass(frozen=True)
class DayCounts:
    """Results of one arrival day that the authority was told about, and the positives among the new ones."""

    new: int
    changed: int
    withdrawn: int
    new_positives: int


@dataclass(frozen=True)
class SpecimenDay:
    """Records that stand, by the day their specimen was taken."""

    specimen_date: date
    positives: int
    tests: int


_COLUMNS: Final = SQL(
    "r.record_key::text, r.version, r.kind, r.person_key::text, r.household_key, r.laboratory, r.specimen_id, "
    "r.national_id, r.family_name, r.given_name, r.date_of_birth, r.sex, r.age_band, r.address, r.postcode, r.phone, "
    "r.specimen_date, r.report_date, r.pathogen, r.result, r.small_area, a.name as small_area_name"
)
_FROM: Final = SQL("identified.shown_record r left join reference.area a on a.area_code = r.small_area")


def lines(tx: Transaction, question: LineQuestion) -> LinePage:
    """One page of the line list. Raises KeyError for an order that is not in ORDERS."""
    where, values = _conditions(question)
    count = SQL("select count(*) from (select 1 from identified.shown_record r where {where} limit {most}) counted")
    counted = tx.execute(count.format(where=where, most=COUNTED_TO + 1), values).fetchone()
    column, rises = ORDERS[question.order]
    parts: dict[str, Composable] = {
        "columns": _COLUMNS,
        "column": SQL(column),
        "way": SQL("asc" if rises else "desc"),
        "beyond": SQL(">" if rises else "<"),
        "where": where,
        "from_after": SQL(""),
    }
    if question.after is not None:
        parts["from_after"] = SQL(
            " and ({column}, record_key) {beyond} "
            "(select {column}, record_key from identified.shown_record where record_key = %(after)s::uuid)"
        ).format(**parts)
    with tx.cursor(row_factory=class_row(Line)) as cursor:
        page = SQL(
            "with shown as (select r.* from identified.shown_record r where {where}{from_after} "
            "order by {column} {way}, record_key {way} limit {most}) "
            "select {columns} from shown r left join reference.area a on a.area_code = r.small_area "
            "order by {column} {way}, record_key {way}"
        )
        found = cursor.execute(page.format(**parts, most=PAGE_SIZE + 1), values).fetchall()
    shown = found[:PAGE_SIZE]
    next_after = shown[-1].record_key if len(found) > PAGE_SIZE else None
    return LinePage(lines=shown, total=0 if counted is None else int(counted[0]), next_after=next_after)


def line(tx: Transaction, record_key: str) -> Line | None:
    """None: there is no such record, or it belongs to another authority; the two cannot be told apart."""
    found = _read(tx, SQL("where r.record_key = %(record)s::uuid"), {"record": record_key})
    return found[0] if found else None


def lines_of(tx: Transaction, record_keys: list[str]) -> list[Line]:
    """These records, as far as they are the reader's own, by specimen date."""
    return _read(
        tx,
        SQL("where r.record_key = any(%(keys)s::uuid[]) order by r.specimen_date, r.record_key"),
        {"keys": record_keys},
    )


def others_of_person(tx: Transaction, known: Line, *, largest: int = 50) -> list[Line]:
    """Further records of the same person, newest specimen first."""
    return _read(
        tx,
        SQL(
            "where r.person_key = %(person)s::uuid and r.record_key <> %(record)s::uuid and r.kind <> 'retracted' "
            "order by r.specimen_date desc, r.record_key limit %(largest)s"
        ),
        {"person": known.person_key, "record": known.record_key, "largest": largest},
    )


def others_of_household(tx: Transaction, known: Line, *, largest: int = 50) -> list[Line]:
    """Records of other persons of the same household, newest specimen first."""
    return _read(
        tx,
        SQL(
            "where r.household_key = %(household)s and r.person_key <> %(person)s::uuid and r.kind <> 'retracted' "
            "order by r.specimen_date desc, r.record_key limit %(largest)s"
        ),
        {"household": known.household_key, "person": known.person_key, "largest": largest},
    )


def positives_between(tx: Transaction, first: date, last: date, *, small_area: str | None, largest: int) -> list[Line]:
    """Positives by specimen date, both days included, of one small area or of the whole authority; by address."""
    return _read(
        tx,
        SQL(
            "where r.result = 'positive' and r.kind <> 'retracted' "
            "and r.specimen_date between %(first)s and %(last)s "
            "and (%(area)s::text is null or r.small_area = %(area)s) "
            "order by r.postcode, r.household_key, r.specimen_date, r.record_key limit %(largest)s"
        ),
        {"first": first, "last": last, "area": small_area, "largest": largest},
    )


def of_cluster(tx: Transaction, cluster_id: str, *, on: date, first: date, last: date, largest: int) -> list[Line]:
    """First records of the cases that a cluster had on a run, whose specimens lie on these days, both included; by
    address."""
    return _read(
        tx,
        SQL(
            "where r.record_key in (select case_key from identified.cluster_case where cluster_id = %(cluster)s "
            "and %(on)s between since and last_seen) "
            "and r.specimen_date between %(first)s and %(last)s and r.kind <> 'retracted' "
            "order by r.postcode, r.household_key, r.specimen_date, r.record_key limit %(largest)s"
        ),
        {"cluster": cluster_id, "on": on, "first": first, "last": last, "largest": largest},
    )


def counts_of_day(tx: Transaction, came: date) -> DayCounts:
    """What the authority was told about on this day."""
    row = tx.execute(
        "select count(*) filter (where c.change = 'new'), count(*) filter (where c.change = 'changed'), "
        "count(*) filter (where c.change = 'withdrawn'), "
        "count(*) filter (where c.change = 'new' and r.result = 'positive') "
        "from identified.change c left join identified.shown_record r using (record_key) where c.linked_on = %s",
        [came],
    ).fetchone()
    return DayCounts(0, 0, 0, 0) if row is None else DayCounts(*row)


def specimen_days(tx: Transaction, first: date, last: date) -> list[SpecimenDay]:
    """Every day first..last, both included; void results are neither."""
    with tx.cursor(row_factory=class_row(SpecimenDay)) as cursor:
        return cursor.execute(
            "select d.day as specimen_date, coalesce(c.positives, 0) as positives, coalesce(c.tests, 0) as tests "
            "from (select %(first)s::date + n as day from generate_series(0, %(last)s::date - %(first)s::date) n) d "
            "left join (select r.specimen_date, count(*) filter (where r.result = 'positive') as positives, "
            "count(*) filter (where r.result in ('positive', 'negative')) as tests from identified.shown_record r "
            "where r.specimen_date between %(first)s and %(last)s and r.kind <> 'retracted' group by 1) c "
            "on c.specimen_date = d.day order by d.day",
            {"first": first, "last": last},
        ).fetchall()


def _read(tx: Transaction, rest: Composable, values: Mapping[str, object]) -> list[Line]:
    query = SQL("select {columns} from {tables} {rest}").format(columns=_COLUMNS, tables=_FROM, rest=rest)
    with tx.cursor(row_factory=class_row(Line)) as cursor:
        return cursor.execute(query, values).fetchall()


def _conditions(question: LineQuestion) -> tuple[Composable, dict[str, object]]:
    """The where clause out of fixed pieces, and its values. Withdrawn records show only to who asks for them."""
    pieces: list[LiteralString] = []
    values: dict[str, object] = {"after": question.after}
    simple: tuple[tuple[LiteralString, str, object], ...] = (
        ("r.result = %(result)s", "result", question.result),
        ("r.specimen_date >= %(first)s", "first", question.first),
        ("r.specimen_date <= %(last)s", "last", question.last),
        ("r.small_area = %(small_area)s", "small_area", question.small_area),
    )
    for piece, name, value in simple:
        if value is not None:
            pieces.append(piece)
            values[name] = value
    if question.came is not None or question.change is not None:
        pieces.append(
            "exists (select from identified.change c where c.record_key = r.record_key "
            "and (%(came)s::date is null or c.linked_on = %(came)s) "
            "and (%(change)s::text is null or c.change = %(change)s))"
        )
        values.update(came=question.came, change=question.change)
    if question.change != "withdrawn":
        pieces.append("r.kind <> 'retracted'")
    conditions: list[Composable] = [SQL(piece) for piece in pieces or ["true"]]
    if question.search is not None:
        conditions.append(_searched(question.search, values))
    return SQL(" and ").join(conditions), values


def _searched(search: str, values: dict[str, object]) -> Composable:
    """Every word begins the family or the given name, or the whole, without spaces, begins the postcode."""
    beginnings: list[Composable] = []
    for place, word in enumerate(search.lower().split()):
        values[f"word_{place}"] = word
        beginnings.append(
            SQL(
                "(starts_with(lower(coalesce(r.family_name, '')), {word}) "
                "or starts_with(lower(coalesce(r.given_name, '')), {word}))"
            ).format(word=Placeholder(f"word_{place}"))
        )
    values["squeezed"] = "".join(search.split()).upper()
    return SQL("(starts_with(r.postcode, %(squeezed)s) or ({names}))").format(names=SQL(" and ").join(beginnings))
