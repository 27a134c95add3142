"""Copies of records: who asked, for what, until when; a director answers, who asked fetches."""

from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from pumphandle.actions import export
from pumphandle.actions.export import ExportView
from pumphandle.governance.exports import ASKED_ALONE, LONGEST_DAYS, MOST_RECORDS, Asked, ExportForm
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.web.console.asking import columns_of, fields_of, question_of
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.visits import TheCaller

FORM_NAMES: Final = {
    ExportForm.LINE_LIST: "A table (CSV) with the columns of the view",
    ExportForm.GO_DATA: "Cases, contacts, links and clusters for Go.Data (CSV in a ZIP)",
    ExportForm.SORMAS: "Cases and contacts for SORMAS (CSV in a ZIP)",
    ExportForm.FHIR: "Cases, contacts and clusters as a FHIR R4 bundle",
}


@dataclass(frozen=True)
class ExportsPage:
    requests: list[ExportView]
    most: int = MOST_RECORDS
    longest: int = LONGEST_DAYS


@get("/exports", sync_to_thread=True)
def exports(caller: TheCaller, house: TheHouse) -> Response[str]:
    found = export.requests(house.database, by=caller.actor, at=caller.at)
    return render(
        house,
        "exports.html",
        visit=caller.visit,
        page=ExportsPage(found),
        form_names=FORM_NAMES,
        asked_alone=ASKED_ALONE,
    )


@post("/exports/asked", sync_to_thread=True)
def asked(caller: TheCaller, house: TheHouse) -> Response[str]:
    form = caller.form
    columns = columns_of(form)
    question = fields_of(question_of(form), columns)
    try:
        wish = Asked(ExportForm(form.get("form", "")), form.get("reason", ""), int(form.get("days_kept", "")))
    except ValueError:
        raise NotUnderstood("Choose the form of the file, and for how many days it can be fetched.") from None
    export_id = f"X{uuid4().hex[:10].upper()}"
    export.ask(house.database, wish, question, columns, export_id=export_id, by=caller.actor, at=caller.at)
    return _to_exports()


@post("/exports/{export_id:str}/decided", sync_to_thread=True)
def decided(export_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[str]:
    form = caller.form
    export.decide(
        house.database, export_id, form.get("event", ""), reason=form.get("reason", ""), by=caller.actor, at=caller.at
    )
    return _to_exports()


@post("/exports/{export_id:str}/file", sync_to_thread=True, status_code=200)
def file(export_id: FromPath[str], caller: TheCaller, house: TheHouse) -> Response[bytes]:
    """The copy. The question is read from the request itself, so that nobody fetches what was not allowed."""
    copy = export.fetch(house.database, export_id, question_of, by=caller.actor, at=caller.at)
    return Response(
        copy.content,
        media_type=copy.media_type,
        headers={"Content-Disposition": f'attachment; filename="{copy.name}"'},
    )


def _to_exports() -> Response[str]:
    return Response("", status_code=303, headers={"Location": "/exports"})


PAGES: Final[tuple[HTTPRouteHandler, ...]] = (exports, asked, decided, file)
