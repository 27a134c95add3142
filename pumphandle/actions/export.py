"""Take records out of the console: asked for with a reason, allowed by a director, fetched until it expires, marked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pumphandle.actions.look import looking, own_agreement, shown_to
from pumphandle.delivery.exported import line_list
from pumphandle.delivery.interchange import Parcel, fhir, go_data
from pumphandle.delivery.sormas import sormas
from pumphandle.governance import policy
from pumphandle.governance.exports import (
    EXPORT,
    MOST_RECORDS,
    Asked,
    ExportForm,
    check_asked,
    check_other_person,
    expiry,
    state_at,
    watermark,
)
from pumphandle.store.decisions import accounts, audit, exports
from pumphandle.store.decisions.exports import ExportRow
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.identified import interchange, reading
from pumphandle.store.identified import line_list as lines
from pumphandle.store.identified.line_list import LineQuestion
from pumphandle.store.identified.reading import Line
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import NotFound, NotPermitted, NotUnderstood, Refused
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaCode


@dataclass(frozen=True)
class ExportView:
    """A request as it stands now. may_fetch, may_decide : by the reader; alone : its authority has no other director"""

    row: ExportRow
    state: str
    may_fetch: bool
    may_decide: bool
    alone: bool


@dataclass(frozen=True)
class Copy:
    """A file to be handed over."""

    name: str
    media_type: str
    content: bytes


def ask(
    database: Database,
    asked: Asked,
    question: dict[str, str],
    columns: tuple[str, ...],
    *,
    export_id: str,
    by: Actor,
    at: datetime,
) -> None:
    """It waits for a director who is not the one who asked.

    question : the line list's filters as they stand in its address; export_id : a new one
    Raises NotUnderstood for a request without a reason, or with a search: it would be written down.
    """
    with looking(database, "ask_export", by=by, at=at) as tx:
        authority = policy.own_authority(policy.check_can_see_facts, by)
        good = check_asked(asked)
        if "search" in question:
            raise NotUnderstood("A searched name or postcode is not written into a request. Use the filters alone.")
        exports.add(
            tx,
            ExportRow(
                export_id=export_id,
                authority=authority,
                form=good.form,
                question=question,
                columns=list(columns),
                reason=good.reason,
                asked_by=by.name,
                asked_at=at,
                expires_at=expiry(good, at),
                state="asked",
                decided_by=None,
                decided_at=None,
                decision=None,
                fetched=0,
                records=None,
            ),
        )
        subject: dict[str, object] = {"export": export_id, "form": str(good.form), "days": good.days}
        audit.add(tx, deed="ask_export", subject=subject, by=by, at=at)


def requests(database: Database, *, by: Actor, at: datetime) -> list[ExportView]:
    """The authority's requests, newest first."""
    with looking(database, "look_exports", by=by, at=at) as tx:
        policy.check_can_see_exports(by)
        found = [_view(tx, row, by, at) for row in exports.exports(tx)]
        audit.add(tx, deed="look_exports", subject={"shown": len(found)}, by=by, at=at)
        return found


def decide(database: Database, export_id: str, event: str, *, reason: str, by: Actor, at: datetime) -> None:
    """allow or refuse. Raises Refused where the state has no such step, NotPermitted for who asked or may not."""
    with looking(database, "decide_export", by=by, at=at) as tx:
        row = _found(tx, export_id)
        alone = accounts.asked_alone(tx, row.authority, row.asked_by)
        policy.check_can_answer_exports(by, authority=AreaCode(row.authority), alone=alone)
        if event not in ("allow", "refuse"):
            raise Refused("Choose what to do: allow or refuse.")
        asked_by, person = (accounts.person_of(tx, name) for name in (row.asked_by, by.name))
        check_other_person(asked_by, event, by_person=person, alone=alone)
        if event == "refuse" and not reason.strip():
            raise NotUnderstood("Say why it is refused.")
        state = EXPORT.check(state_at(row.state, row.expires_at, at), event)
        exports.decide(tx, export_id, state, decision=reason.strip(), by_name=by.name, at=at)
        audit.add(tx, deed="decide_export", subject={"export": export_id, "event": event}, by=by, at=at)


def fetch(
    database: Database, export_id: str, read: Callable[[dict[str, str]], LineQuestion], *, by: Actor, at: datetime
) -> Copy:
    """A copy for who asked, and nobody else; it holds what their role and the agreement show now.

    read : what the question means that the request holds
    Raises NotFound, Refused before it is allowed, after it expired, and for more records than an export may hold.
    """
    with looking(database, "fetch_export", by=by, at=at) as tx:
        authority, agreement = own_agreement(tx, by, at=at)
        row = _found(tx, export_id)
        if row.asked_by != by.name:
            raise NotPermitted("An export is for the person who asked for it.")
        state = state_at(row.state, row.expires_at, at)
        if state != "allowed":
            raise Refused(f"This request is {state}: {EXPORT.states[state]}")
        page = lines.lines(
            tx, replace(read(row.question), after=None), fields=shown_to(by, agreement), size=MOST_RECORDS
        )
        if page.next_after is not None:
            raise Refused(f"More than {MOST_RECORDS:,} records fit. Ask for a narrower selection.")
        account = accounts.find(tx, by.name)
        name = account.full_name if account else by.name
        mark = watermark(export_id, full_name=name, authority=authority, expires_at=row.expires_at)
        handed = page.lines if row.form == ExportForm.LINE_LIST else _cases(tx, page.lines)
        exports.fetched(tx, export_id, records=len(handed))
        subject: dict[str, object] = {
            "export": export_id,
            "shown": len(handed),
            "records": [line.record_key for line in handed],
        }
        audit.add(tx, deed="fetch_export", subject=subject, by=by, at=at)
        if row.form == ExportForm.LINE_LIST:
            return Copy(f"{export_id}.csv", "text/csv; charset=utf-8", line_list(handed, row.columns, mark=mark))
        parcel = _parcel(tx, handed, traces=policy.can(policy.check_can_trace, by, authority=authority))
        if row.form == ExportForm.GO_DATA:
            return Copy(f"{export_id}.zip", "application/zip", go_data(parcel, mark=mark))
        if row.form == ExportForm.SORMAS:
            region, district = _place(tx, authority)
            content = sormas(parcel, region=region, district=district, mark=mark)
            return Copy(f"{export_id}.zip", "application/zip", content)
        return Copy(f"{export_id}.json", "application/fhir+json", fhir(parcel, mark=mark))


def _cases(tx: Transaction, lines: list[Line]) -> list[Line]:
    """Cases that these lines belong to, each once by its first record, also where the filters chose a later one."""
    return reading.lines_of(tx, interchange.cases_of(tx, [line.record_key for line in lines]))


def _parcel(tx: Transaction, cases: list[Line], *, traces: bool) -> Parcel:
    """What belongs to these cases; contacts and links only for who follows contacts up."""
    keys = [line.record_key for line in cases]
    return Parcel(
        cases=cases,
        contacts=interchange.contacts_of(tx, keys) if traces else None,
        links=interchange.links_of(tx, keys) if traces else None,
        clusters=interchange.clusters_of(tx, keys),
    )


def _place(tx: Transaction, authority: str) -> tuple[str, str]:
    """The names of the area above the authority's, and of its own."""
    own = areas.area(tx, authority)
    return areas.area(tx, own.parent).name if own.parent else own.name, own.name


def _found(tx: Transaction, export_id: str) -> ExportRow:
    row = exports.export(tx, export_id)
    if row is None:
        raise NotFound("There is no such request in your authority.")
    return row


def _view(tx: Transaction, row: ExportRow, by: Actor, at: datetime) -> ExportView:
    state = state_at(row.state, row.expires_at, at)
    alone = accounts.asked_alone(tx, row.authority, row.asked_by)
    answers = policy.can(policy.check_can_answer_exports, by, authority=AreaCode(row.authority), alone=alone)
    other = accounts.person_of(tx, row.asked_by) != accounts.person_of(tx, by.name)
    own = row.asked_by == by.name
    return ExportView(row, state, state == "allowed" and own, state == "asked" and answers and other, alone)
