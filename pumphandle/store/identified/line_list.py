"""The line list: which records, in which order, page by page; and the curve and the places of the same selection.

The authority is never an argument, as in `reading`: the database shows its rows only, and of them only the fields that
the agreement and the reader's role allow.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, LiteralString

from psycopg.rows import class_row
from psycopg.sql import SQL, Composable, Composed, Literal, Placeholder

from pumphandle.store.engine import Transaction
from pumphandle.store.identified.outbreaks import CASES
from pumphandle.store.identified.reading import COLUMNS, Line, SpecimenDay

PAGE_SIZE: Final = 50
COUNTED_TO: Final = 10_000
"""Totals beyond this are shown as "more than": counting them would cost more than it tells."""

SORTED: Final[Mapping[str, LiteralString]] = {
    "name": "lower(coalesce(family_name, '') || ' ' || coalesce(given_name, ''))",
    "born": "coalesce(date_of_birth, '-infinity')",
    "sex": "sex",
    "age_band": "age_band",
    "address": "lower(coalesce(address, ''))",
    "postcode": "coalesce(postcode, '')",
    "area": "coalesce(small_area, '')",
    "specimen": "specimen_date",
    "arrived": "report_date",
    "pathogen": "pathogen",
    "result": "result",
    "laboratory": "laboratory",
    "setting": "coalesce(setting_kind, '')",
    "household": "household_key",
}
"""Column of the list -> what it is sorted by; never null, so that a page can begin after any row."""

ORDERS: Final[Mapping[str, tuple[LiteralString, bool]]] = {
    "newest": ("specimen_date", False),
    "oldest": ("specimen_date", True),
    **{name: (column, True) for name, column in SORTED.items()},
    **{f"-{name}": (column, False) for name, column in SORTED.items()},
}
"""Name of an order -> column, and whether it rises; ties fall to record_key, so that no page overlaps the next."""


@dataclass(frozen=True)
class LineQuestion:
    """What somebody wants to see of the line list. None: not asked about.

    first, last : specimen dates, both included; days : so many specimen days up to the newest run
    came, came_from, change : the day on which the authority was told, or the first of such days, and what (new,
        changed, withdrawn)
    cluster : cases that a cluster has or had, and those linked to them: by the first record of each
    search : words of a name, or the beginning of a postcode
    after : record_key of the last line already seen
    """

    result: str | None = None
    first: date | None = None
    last: date | None = None
    days: int | None = None
    small_area: str | None = None
    laboratory: str | None = None
    sex: str | None = None
    age_band: str | None = None
    cluster: str | None = None
    came: date | None = None
    came_from: date | None = None
    change: str | None = None
    search: str | None = None
    order: str = "newest"
    after: str | None = None

    @property
    def filters(self) -> list[str]:
        """Which kinds of filter are set: this may be written down, what was searched may not."""
        return [kind for kind in (*PLAIN_FILTERS, "search") if getattr(self, kind) is not None]


PLAIN_FILTERS: Final = (
    "result", "first", "last", "days", "small_area", "laboratory", "sex", "age_band", "cluster", "came", "came_from",
    "change",
)  # fmt: skip
"""Filters that point at nobody: these may stand in an address and be kept."""


@dataclass(frozen=True)
class LinePage:
    """total is capped at COUNTED_TO + 1; `next_after` is None on the last page."""

    lines: list[Line]
    total: int
    next_after: str | None


@dataclass(frozen=True)
class PlaceCount:
    """Records of a selection at one postcode."""

    postcode: str
    small_area: str | None
    positives: int
    tests: int
    households: int


def lines(tx: Transaction, question: LineQuestion, *, fields: Collection[str], size: int = PAGE_SIZE) -> LinePage:
    """One page of the line list. Raises KeyError for an order that is not in ORDERS.

    fields : what the agreement and the role show the reader. Where everything that is asked about is shown, rows are
        found and sorted on the table, whose indexes know them; else on the view, where what is hidden is nothing.
    """
    query, total_query, values = page_query(question, fields=fields, size=size)
    total = None
    if total_query is not None:
        counted = tx.execute(total_query, values).fetchone()
        total = 0 if counted is None else int(counted[0])
    with tx.cursor() as cursor:
        found = cursor.execute(query, values).fetchall()
        names = [column.name for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found]
    if total is None:
        total = min(int(rows[0]["total"]), COUNTED_TO + 1) if rows else 0
    page_lines = [Line(**{name: value for name, value in row.items() if name != "total"}) for row in rows]
    shown = page_lines[:size]
    next_after = shown[-1].record_key if len(page_lines) > size else None
    return LinePage(lines=shown, total=total, next_after=next_after)


def page_query(
    question: LineQuestion, *, fields: Collection[str], size: int, rows: SQL | None = None
) -> tuple[Composed, Composed | None, dict[str, object]]:
    """The page's query, that of its total where the page does not bring it, and the values of both.

    rows : what is read of the keys that were picked; None: whole lines
    """
    where, values, table = _selected(question, fields)
    column, rises = ORDERS[question.order]
    parts: dict[str, Composable] = {
        "table": table,
        "columns": COLUMNS,
        "column": SQL(column),
        "way": SQL("asc" if rises else "desc"),
        "beyond": SQL(">" if rises else "<"),
        "where": where,
        "most": Literal(size + 1),
        "counted": Literal(COUNTED_TO + 1),
    }
    sought = question.search is not None or (question.came, question.came_from, question.change) != (None, None, None)
    page = (_FEW if sought else _MANY_AFTER if question.after else _MANY).format(**parts)
    query = SQL("{page} {rows}").format(page=page, rows=rows or _ROWS.format(**parts))
    return query, None if sought else _TOTAL.format(**parts), values


# keys first: sorting whole rows took twice as long
_MANY: Final = SQL(
    "with picked as materialized (select r.record_key as picked_key, 0 as total from {table} r where {where} "
    "order by {column} {way}, r.record_key {way} limit {most})"
)
_MANY_AFTER: Final = SQL(
    "with picked as materialized (select r.record_key as picked_key, 0 as total from {table} r where {where} "
    "and ({column}, r.record_key) {beyond} "
    "(select {column}, record_key from {table} where record_key = %(after)s::uuid) "
    "order by {column} {way}, r.record_key {way} limit {most})"
)
# who searches reads everything once, and counts what fits on the way
_FEW: Final = SQL(
    "with fits as materialized (select r.record_key as fit_key, {column} as place from {table} r where {where}), "
    "picked as materialized (select fit_key as picked_key, (select count(*) from fits) as total from fits "
    "where %(after)s::uuid is null or (place, fit_key) {beyond} "
    "(select {column}, record_key from {table} where record_key = %(after)s::uuid) "
    "order by place {way}, fit_key {way} limit {most})"
)
_ROWS: Final = SQL(
    "select {columns}, picked.total from picked join identified.shown_record r on r.record_key = picked_key "
    "left join reference.area a on a.area_code = r.small_area order by {column} {way}, r.record_key {way}"
)


_TOTAL: Final = SQL("select count(*) from (select 1 from {table} r where {where} limit {counted}) counted")


def _selected(
    question: LineQuestion, fields: Collection[str], *, beside: Collection[str] = ()
) -> tuple[Composable, dict[str, object], Composable]:
    """Conditions, values, and where to look: on the table if all that is asked about, and `beside`, is shown."""
    table = (_asked_about(question) | set(beside)) <= set(fields)
    where, values = _conditions(question, table=table)
    return where, values, SQL("identified.record" if table else "identified.shown_record")


def _asked_about(question: LineQuestion) -> set[str]:
    """Fields that a question looks at and that an agreement may withhold."""
    sorts = {"name": {"family_name", "given_name"}, "born": {"date_of_birth"}, "area": {"small_area"},
             "setting": {"setting_kind"}}  # fmt: skip
    withheld = {"sex", "address", "postcode", "laboratory"}
    by = question.order.removeprefix("-")
    looked = sorts.get(by, {by} & withheld) | {
        name for name in ("sex", "laboratory", "small_area") if getattr(question, name) is not None
    }
    return looked | ({"family_name", "given_name", "postcode"} if question.search is not None else set())


def days_of(tx: Transaction, question: LineQuestion, *, fields: Collection[str], most: int = 90) -> list[SpecimenDay]:
    """Positives and tests of a selection by specimen day, the newest `most` days of it; every day between counts."""
    where, values, table = _selected(question, fields)
    with tx.cursor(row_factory=class_row(SpecimenDay)) as cursor:
        return cursor.execute(
            SQL(
                "with counted as (select r.specimen_date, count(*) filter (where r.result = 'positive') as positives, "
                "count(*) filter (where r.result in ('positive', 'negative')) as tests "
                "from {table} r where {where} group by 1), "
                "edge as (select greatest(min(specimen_date), max(specimen_date) - {most} + 1) as first, "
                "max(specimen_date) as last from counted) "
                "select d.day::date as specimen_date, coalesce(c.positives, 0) as positives, "
                "coalesce(c.tests, 0) as tests "
                "from edge, lateral generate_series(edge.first, edge.last, interval '1 day') as d(day) "
                "left join counted c on c.specimen_date = d.day order by 1"
            ).format(where=where, most=most, table=table),
            values,
        ).fetchall()


def places_of(tx: Transaction, question: LineQuestion, *, fields: Collection[str], most: int = 400) -> list[PlaceCount]:
    """The postcodes of a selection with the most positives, then the most tests."""
    where, values, table = _selected(question, fields, beside=("postcode", "small_area"))
    with tx.cursor(row_factory=class_row(PlaceCount)) as cursor:
        return cursor.execute(
            SQL(
                "select r.postcode, min(r.small_area) as small_area, "
                "count(*) filter (where r.result = 'positive') as positives, "
                "count(*) filter (where r.result in ('positive', 'negative')) as tests, "
                "count(distinct r.household_key) filter (where r.result = 'positive') as households "
                "from {table} r where {where} and r.postcode is not null group by r.postcode "
                "order by positives desc, tests desc, r.postcode limit {most}"
            ).format(where=where, most=most, table=table),
            values,
        ).fetchall()


def _conditions(question: LineQuestion, *, table: bool) -> tuple[Composable, dict[str, object]]:
    """The where clause out of fixed pieces, and its values. Withdrawn records show only to who asks for them.

    table : on the table, which alone has the names as a search compares them
    """
    pieces: list[LiteralString] = []
    values: dict[str, object] = {"after": question.after}
    simple: tuple[tuple[LiteralString, str, object], ...] = (
        ("r.result = %(result)s", "result", question.result),
        ("r.specimen_date >= %(first)s", "first", question.first),
        ("r.specimen_date <= %(last)s", "last", question.last),
        ("r.specimen_date > (select max(run_date) from decisions.run_step) - %(days)s", "days", question.days),
        ("r.small_area = %(small_area)s", "small_area", question.small_area),
        ("r.laboratory = %(laboratory)s", "laboratory", question.laboratory),
        ("r.sex = %(sex)s", "sex", question.sex),
        ("r.age_band = %(age_band)s", "age_band", question.age_band),
        ("r.record_key in (select c.case_key from (" + CASES + ") c)", "cluster", question.cluster),
    )
    for piece, name, value in simple:
        if value is not None:
            pieces.append(piece)
            values[name] = value
    told: list[LiteralString] = [piece for piece, name in _TOLD if getattr(question, name) is not None]
    if told:  # only what is asked: with "or null" for the rest the planner sees no index
        pieces.append("r.record_key in (select c.record_key from identified.change c where " + " and ".join(told) + ")")
        values.update(came=question.came, came_from=question.came_from, change=question.change)
    if question.change != "withdrawn":
        pieces.append("r.kind <> 'retracted'")
    conditions: list[Composable] = [SQL(piece) for piece in pieces or ["true"]]
    if question.search is not None:
        conditions.append(_searched(question.search, values, table=table))
    return SQL(" and ").join(conditions), values


_TOLD: Final[tuple[tuple[LiteralString, str], ...]] = (
    ("c.linked_on = %(came)s", "came"),
    ("c.linked_on >= %(came_from)s", "came_from"),
    ("c.change = %(change)s", "change"),
)
_BEYOND: Final = "\U0010ffff"
"""Sorts after every letter: what begins with a word lies between the word and the word with this."""


def _searched(search: str, values: dict[str, object], *, table: bool) -> Composable:
    """Every word begins the family or the given name, or the whole, without spaces, begins the postcode."""

    def begins(column: LiteralString, name: str, text: str) -> Composable:
        values.update({name: text, f"{name}_beyond": text + _BEYOND})
        return SQL("({column} >= {text} and {column} < {beyond})").format(
            column=SQL(column), text=Placeholder(name), beyond=Placeholder(f"{name}_beyond")
        )

    family, given = (
        ("r.folded_family", "r.folded_given")
        if table
        else ('lower(r.family_name) collate "C"', 'lower(r.given_name) collate "C"')
    )
    names = [
        SQL("({family} or {given})").format(
            family=begins(family, f"word_{place}", word), given=begins(given, f"word_{place}", word)
        )
        for place, word in enumerate(search.lower().split())
    ]
    home = begins('r.postcode collate "C"', "squeezed", "".join(search.split()).upper())
    return SQL("({home} or ({names}))").format(home=home, names=SQL(" and ").join(names))
