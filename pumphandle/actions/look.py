"""Look at people's records: whoever reads them leaves a mark, in the transaction of the reading."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pumphandle.governance import policy
from pumphandle.governance.agreements import IDENTITY
from pumphandle.store.decisions import agreements, audit, views
from pumphandle.store.decisions.agreements import Agreement
from pumphandle.store.decisions.views import SavedView
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.identified import collecting, line_list, reading
from pumphandle.store.identified.collecting import DeliveryRow
from pumphandle.store.identified.line_list import LinePage, LineQuestion, PlaceCount
from pumphandle.store.identified.reading import Line, SpecimenDay
from pumphandle.store.reference import areas
from pumphandle.store.reference.areas import Area
from pumphandle.store.reference.ground import Ground, ground_of
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaCode, AreaLevel

NO_AGREEMENT: Final = (
    "No agreement is active for your authority, so no record is shown. Counts reach you all the same; "
    "the page Agreement says which step comes next."
)
NOT_THEIRS: Final = "The records behind it are open to the area’s own authority, and not shown to your role."
NO_TRACING: Final = "Contacts and links are shown to those who trace; your role does not show them."


@dataclass(frozen=True)
class LineListView:
    """A page of lines, and what else can be asked for.

    fields : what the agreement and the reader's role show; views : the reader's own and the team's
    """

    page: LinePage
    small_areas: list[Area]
    fields: frozenset[str]
    views: list[SavedView]


@dataclass(frozen=True)
class BesideView:
    """The same selection by day and by place; shapes : GeoJSON of the authority's small areas."""

    days: list[SpecimenDay]
    places: list[PlaceCount]
    ground: Ground
    area_names: dict[str, str]


@dataclass(frozen=True)
class RecordView:
    """One record and what is linked to it within the authority. others : whom it can be sent on to, by this reader"""

    line: Line
    same_person: list[Line]
    same_household: list[Line]
    others: list[Area]


def lines(database: Database, question: LineQuestion, *, by: Actor, at: datetime) -> LineListView:
    """One page of the line list of the reader's own authority."""
    with looking(database, "look_lines", by=by, at=at) as tx:
        authority, agreement = own_agreement(tx, by, at=at)
        shown = shown_to(by, agreement)
        page = line_list.lines(tx, question, fields=shown)
        subject: dict[str, object] = {
            "shown": len(page.lines),
            "matching": page.total,
            "filters": question.filters,
            "order": question.order,
            "records": [line.record_key for line in page.lines],
        }
        audit.add(tx, deed="look_lines", subject=subject, by=by, at=at)
        return LineListView(page, areas.children(tx, authority), shown, views.views(tx, by.name))


def beside(database: Database, question: LineQuestion, *, by: Actor, at: datetime) -> BesideView:
    """The curve and the places of a selection of the line list: counts, and no name."""
    with looking(database, "look_beside", by=by, at=at) as tx:
        authority, agreement = own_agreement(tx, by, at=at)
        shown = shown_to(by, agreement)
        days = line_list.days_of(tx, question, fields=shown)
        places = line_list.places_of(tx, question, fields=shown)
        subject: dict[str, object] = {"filters": question.filters, "places": len(places)}
        audit.add(tx, deed="look_beside", subject=subject, by=by, at=at)
        small = areas.children(tx, authority)
        ground = ground_of(tx, [one.area_code for one in small], {one.postcode: one.positives for one in places})
        return BesideView(days, places, ground, {str(one.area_code): one.name for one in small})


def record(database: Database, record_key: str, *, by: Actor, at: datetime) -> RecordView:
    """Raises NotFound for what does not exist and for what is another authority's: the reader cannot tell which."""
    key = opaque(record_key)
    with looking(database, "look_record", by=by, at=at, record_key=key) as tx:
        own_agreement(tx, by, at=at)
        found = reading.line(tx, key) if key else None
        if found is None:
            raise NotFound("There is no such record among your residents.")
        view = RecordView(
            line=found,
            same_person=reading.others_of_person(tx, found),
            same_household=reading.others_of_household(tx, found),
            others=_others(tx, by),
        )
        subject: dict[str, object] = {
            "record_key": found.record_key,
            "shown": 1 + len(view.same_person) + len(view.same_household),
            "records": [line.record_key for line in (found, *view.same_person, *view.same_household)],
        }
        audit.add(tx, deed="look_record", subject=subject, by=by, at=at)
        return view


def deliveries(database: Database, *, by: Actor, at: datetime) -> list[DeliveryRow]:
    """The authority's packages, newest first."""
    with looking(database, "look_deliveries", by=by, at=at) as tx:
        policy.check_can_see_deliveries(by, authority=by.authority)
        found = collecting.deliveries(tx)
        audit.add(tx, deed="look_deliveries", subject={"shown": len(found)}, by=by, at=at)
        return found


def shown_to(by: Actor, agreement: Agreement) -> frozenset[str]:
    """Fields that the agreement and the reader's role show; the database decides the same, field by field."""
    shown = frozenset(agreement.fields)
    return shown if policy.can(policy.check_can_see_people, by, authority=by.authority) else shown - set(IDENTITY)


@contextmanager
def looking(
    database: Database, deed: str, *, by: Actor, at: datetime, record_key: str | None = None
) -> Generator[Transaction]:
    """A transaction that shows `by`'s authority only. A refusal rolls it back and is remembered in one of its own.

    record_key : an opaque key that was asked for, to be remembered with the refusal
    """
    try:
        with database.transaction(authority=by.authority, role=by.role) as tx:
            yield tx
    except (Refused, NotFound) as refusal:
        remember_refusal(database, deed, refusal, by=by, at=at, record_key=record_key)
        raise


def remember_refusal(
    database: Database, deed: str, refusal: Exception, *, by: Actor, at: datetime, record_key: str | None = None
) -> None:
    """In a transaction of its own: that of the deed is gone."""
    subject: dict[str, object] = {"asked": deed, "refusal": type(refusal).__name__}
    if record_key is not None:
        subject["record_key"] = record_key
    with database.transaction(authority=by.authority, role=by.role) as tx:
        audit.add(tx, deed="look_refused", subject=subject, by=by, at=at)


def own_agreement(tx: Transaction, by: Actor, *, at: datetime) -> tuple[AreaCode, Agreement]:
    """The reader's authority and its agreement, if that lets records be shown. Raises Refused."""
    policy.check_can_see_facts(by, authority=by.authority)
    if by.authority is None:
        raise Refused("Your role serves no authority.")
    agreement = agreements.find(tx, by.authority)
    if agreement is None or not agreement.in_force_on(at.date()):
        raise Refused(NO_AGREEMENT)
    return by.authority, agreement


def why_hidden(tx: Transaction, by: Actor, *, authority: AreaCode | None, at: datetime) -> str | None:
    """Why the reader sees no record of an authority, as a sentence; None: they do, and none means none.

    The database shows no row in either case: a count of rows that are hidden would be a zero that is not true.
    """
    if not policy.can(policy.check_can_see_facts, by, authority=authority):
        return NOT_THEIRS
    agreement = agreements.find(tx, by.authority) if by.authority else None
    return None if agreement is not None and agreement.in_force_on(at.date()) else NO_AGREEMENT


def _others(tx: Transaction, by: Actor) -> list[Area]:
    if not policy.can(policy.check_can_send_on, by, authority=by.authority):
        return []
    return [one for one in areas.areas(tx) if one.level is AreaLevel.DISTRICT and one.area_code != by.authority]


def opaque(record_key: str) -> str | None:
    """The key if it has the form of one: anything else came from a typed address and may hold a name."""
    try:
        return str(UUID(record_key))
    except ValueError:
        return None
