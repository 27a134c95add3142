"""The register of settings: where people meet, and how hard each was hit."""

from collections.abc import Mapping
from typing import Final

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from pumphandle.actions import look_tracing
from pumphandle.actions.keep_settings import keep_setting
from pumphandle.tracing.settings import Entry
from pumphandle.vocabulary.errors import NotUnderstood, Refused
from pumphandle.vocabulary.tracing import SettingKind
from pumphandle.web.console.house import House, TheHouse, render
from pumphandle.web.console.visits import Caller, TheCaller


@get("/settings", sync_to_thread=True)
def settings(caller: TheCaller, house: TheHouse, change: FromQuery[int | None] = None) -> Response[str]:
    return _page(caller, house, change=change)


@post("/settings/kept", sync_to_thread=True)
def kept(caller: TheCaller, house: TheHouse) -> Response[str]:
    form = caller.form
    number = int(form["setting"]) if form.get("setting", "").isdecimal() else None
    version = int(form["version"]) if form.get("version", "").isdecimal() else None
    try:
        keep_setting(house.database, _entry(form), setting_id=number, version=version, by=caller.actor, at=caller.at)
    except (NotUnderstood, Refused) as refused:
        return _page(caller, house, change=number, sent=form, sentence=str(refused))
    return Response("", status_code=303, headers={"Location": "/settings"})


def _page(
    caller: Caller,
    house: House,
    *,
    change: int | None,
    sent: Mapping[str, str] | None = None,
    sentence: str | None = None,
) -> Response[str]:
    entries = look_tracing.register(house.database, by=caller.actor, at=caller.at)
    chosen = next((each.setting for each in entries if each.setting.setting_id == change), None)
    return render(
        house,
        "settings.html",
        visit=caller.visit,
        status=400 if sentence else 200,
        entries=entries,
        chosen=chosen,
        kinds=[str(kind) for kind in SettingKind],
        sent=sent or {},
        sentence=sentence,
    )


def _entry(form: Mapping[str, str]) -> Entry:
    def text(name: str) -> str | None:
        return form.get(name, "").strip() or None

    capacity = text("capacity")
    try:
        return Entry(
            kind=SettingKind(form.get("kind", "")),
            name=text("name") or "",
            address=text("address"),
            postcode=text("postcode") or "",
            capacity=int(capacity) if capacity else None,
            responsible=text("responsible"),
            phone=text("phone"),
        )
    except ValueError:
        raise NotUnderstood("Choose the kind of setting; the number of people is a whole number or empty.") from None


PAGES: Final[tuple[HTTPRouteHandler, ...]] = (settings, kept)
