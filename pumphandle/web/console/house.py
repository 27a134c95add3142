"""What every page of the console stands on, handed in when the console is opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment
from litestar import Response
from litestar.di import NamedDependency

from pumphandle.actions.sign_in import Visit
from pumphandle.governance import policy
from pumphandle.governance.roles import SAID
from pumphandle.store.engine import Database
from pumphandle.store.providers.asked import Door
from pumphandle.web import templating

HERE: Final = Path(__file__).parent


@dataclass(frozen=True)
class House:
    """words: what this nation calls its areas and identifiers
    secure: cookies go over https only, and browsers are told to remember that
    factor_key: opens the second factors of local accounts
    origin: how people reach the console, as https://name
    doors: identity providers, by name
    """

    database: Database
    home: Path
    clock: Callable[[], datetime]
    templates: Environment
    words: Mapping[str, str]
    secure: bool
    factor_key: bytes = field(repr=False)
    origin: str
    doors: Mapping[str, Door]


TheHouse = NamedDependency[House]
"""How a page asks for it."""


@dataclass(frozen=True)
class Tab:
    """One place to go to."""

    address: str
    name: str


def render(house: House, template: str, *, visit: Visit | None, status: int = 200, **context: Any) -> Response[str]:
    """A page in the console's frame; `visit` is None outside of one."""
    return templating.page(
        house.templates,
        template,
        status=status,
        visit=visit,
        tabs=tabs_for(visit) if visit else [],
        purpose_said=SAID[visit.actor.purpose] if visit and visit.actor.purpose else "",
        **house.words,
        **context,
    )


def tabs_for(visit: Visit) -> list[Tab]:
    """The pages that this role may open, so that nobody is led to a refusal."""
    by = visit.actor
    tabs = [Tab("/today", "Today")]
    if policy.can(policy.check_can_see_facts, by, authority=by.authority):
        tabs += [Tab("/lines", "Line list"), Tab("/map", "Map")]
    if policy.can(policy.check_can_see_signals, by, authority=by.authority):
        tabs.append(Tab("/signals", "Signals"))
    if policy.can(policy.check_can_trace, by, authority=by.authority):
        tabs += [Tab("/contacts", "Contacts"), Tab("/links", "Linked cases"), Tab("/settings", "Settings")]
    if policy.can(policy.check_can_see_deliveries, by, authority=by.authority):
        tabs.append(Tab("/deliveries", "Deliveries"))
    if policy.can(policy.check_can_see_receipts, by, authority=by.authority):
        tabs.append(Tab("/receipts", "Receipt clock"))
    if policy.can(policy.check_can_see_misroutes, by, authority=by.authority):
        tabs.append(Tab("/misroutes", "Sent on"))
    if not by.authority and policy.can(policy.check_can_see_exports, by):
        tabs.append(Tab("/exports", "Copies of records"))
    if policy.can(policy.check_can_look_at_decisions, by):
        tabs.append(Tab("/decisions", "Releases"))
    if policy.can(policy.check_can_see_usefulness, by):
        tabs.append(Tab("/usefulness", "Usefulness"))
    if policy.can(policy.check_can_see_looks, by, authority=by.authority):
        tabs.append(Tab("/looks", "Who looked"))
    if policy.can(policy.check_can_see_glass, by):
        tabs.append(Tab("/break-glass", "Break-glass"))
    if policy.can(policy.check_can_see_agreement, by, authority=by.authority):
        tabs.append(Tab("/agreement", "Agreement" if by.authority else "Agreements"))
    if policy.can(policy.check_can_run, by):
        tabs.append(Tab("/intake", "Laboratories’ files"))
    return tabs
