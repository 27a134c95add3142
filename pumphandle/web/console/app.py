"""The console: one authority's people for those with a duty, and nobody else's."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Litestar, Response
from litestar.di import Provide

from pumphandle.store.engine import Database
from pumphandle.store.keys import second_factor_key
from pumphandle.store.providers.asked import Door
from pumphandle.store.providers.described import providers
from pumphandle.store.reference import nation
from pumphandle.web.console import (
    agreement,
    area_map,
    assets,
    break_glass,
    contacts,
    deciding,
    decisions,
    deliveries,
    elsewhere,
    exports,
    intake,
    line_list,
    linked,
    looks,
    machines,
    misroutes,
    outbreaks,
    own_passkeys,
    receipts,
    register,
    sign_in,
    signals,
    today,
    usefulness,
)
from pumphandle.web.console.headers import add_headers, add_secure_headers
from pumphandle.web.console.house import HERE, House, render
from pumphandle.web.console.visits import NotSignedIn, provide_caller
from pumphandle.web.console.wording import words_of
from pumphandle.web.errors import Fault, WebRequest, exception_handlers
from pumphandle.web.templating import environment, moment

LARGEST_FORM = 64 * 1024
"""Bytes; the longest form has a dozen short fields."""


def create_app(
    *,
    database: Database,
    home: Path,
    clock: Callable[[], datetime],
    origin: str = "http://localhost:8855",
    secure_cookies: bool = True,
) -> Litestar:
    """The application behind the console's door.

    database : logged in as the console's role, so that row-level security holds
    home : the home folder; packages lie in home/deliveries
    clock : now, with a time zone
    origin : how people reach it, as https://name; identity providers send them back there
    secure_cookies : cookies over https only; browsers take the local machine for safe, so False is seldom needed
    """
    templates = environment(HERE / "templates")
    with database.transaction() as tx:
        loaded = nation.nation(tx)
    templates.filters["moment"] = partial(moment, zone=ZoneInfo(loaded.time_zone))
    house = House(
        database=database,
        home=home,
        clock=clock,
        templates=templates,
        words=words_of(loaded),
        secure=secure_cookies,
        factor_key=second_factor_key(home / "keys"),
        origin=origin,
        doors={name: Door(provider) for name, provider in providers(home).items()},
    )

    def draw(_: WebRequest, fault: Fault) -> Response[Any]:
        return render(house, "fault.html", visit=None, status=fault.status, fault=fault)

    return Litestar(
        route_handlers=[
            sign_in.front,
            sign_in.sign_in_page,
            sign_in.sign_in_sent,
            sign_in.second_step,
            sign_in.second_step_sent,
            sign_in.second_asked,
            sign_in.alone_asked,
            sign_in.alone,
            sign_in.sign_out,
            *elsewhere.PAGES,
            *own_passkeys.PAGES,
            today.today,
            *line_list.PAGES,
            *exports.PAGES,
            *break_glass.PAGES,
            *area_map.PAGES,
            *outbreaks.PAGES,
            signals.signals,
            signals.signal,
            usefulness.usefulness,
            intake.intake,
            intake.held_line,
            intake.mend_line,
            agreement.agreement,
            agreement.agreement_step,
            signals.cluster,
            *contacts.PAGES,
            *linked.PAGES,
            *misroutes.PAGES,
            *register.PAGES,
            signals.decided,
            deliveries.deliveries,
            deliveries.package,
            deliveries.acknowledge,
            looks.looks,
            receipts.receipts,
            machines.token,
            machines.machine_deliveries,
            machines.machine_package,
            machines.machine_receipt,
            machines.machine_break_glass,
            *(decisions.decisions, decisions.area, decisions.raise_concern, decisions.lift, decisions.vote),
            *(decisions.answer, decisions.note),
            *(deciding.public, deciding.extend, deciding.take_back, deciding.exclude, deciding.rule),
            assets.file,
        ],
        dependencies={
            "house": Provide(lambda: house, sync_to_thread=False),
            "caller": Provide(provide_caller),
            "machine_caller": Provide(machines.provide_machine),
        },
        exception_handlers={**exception_handlers(draw), NotSignedIn: _to_sign_in},
        before_send=[add_secure_headers if secure_cookies else add_headers],
        request_max_body_size=LARGEST_FORM,
        openapi_config=None,
        logging_config=None,
    )


def _to_sign_in(_: WebRequest, __: NotSignedIn) -> Response[Any]:
    return Response("", status_code=303, headers={"Location": "/sign-in"})
