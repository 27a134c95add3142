"""Status of areas against the rule in force, what the rule would have done, and the register of holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from pumphandle.publication.atlas import Place
from pumphandle.publication.formats import csv_bytes, json_bytes
from pumphandle.publication.status.backtest import Compared
from pumphandle.publication.status.inputs import Exclusion
from pumphandle.publication.status.judging import (
    Judged,
    Pair,
    judged_by,
    rule_named,
    rules_known,
    side_by_side,
    tested,
)
from pumphandle.publication.status.rules import StatusRule, shipped
from pumphandle.publication.status.sentence import Status
from pumphandle.store.published.register import HoldEntry
from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.places import AreaLevel
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.answers import CSV, HTML, JSON
from pumphandle.web.public.asking import Asked
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.parameters import RULE, STANDING
from pumphandle.web.public.visit import Visit

Page = Response[bytes]
MOST_TOLD: Final = 400
"""Areas on one page; more are told district by district."""
JUDGED: Final = (RULE, *STANDING)
Rule = Annotated[str | None, QueryParameter(description="A rule by its name; default the one in force")]


def judge(desk: Desk, visit: Visit, rule: StatusRule) -> Judged:
    """A walk over all areas and days, or the one made before."""
    key = f"{desk.standing_on(visit)} {rule.rule_id} {rule.version}"
    return desk.judged.of(key, lambda: judged_by(desk.edition(visit), rule, _exclusions(visit)))


def _exclusions(visit: Visit) -> list[Exclusion]:
    return [Exclusion(one.area_code, one.first_day, one.last_day) for one in visit.shelf.register.exclusions]


def _chosen(visit: Visit) -> list[tuple[str, str]]:
    return [(one.rule_id, one.text) for one in visit.shelf.register.rules]


def rules_of(visit: Visit) -> dict[str, StatusRule]:
    """Name -> rule: the ones in force, newest first, then the shipped examples."""
    return rules_known(_chosen(visit))


def rule_asked(visit: Visit, name: str | None) -> StatusRule:
    """Raises NotFound; absence of any rule refuses."""
    return rule_named(_chosen(visit), name)


def area_status(desk: Desk, visit: Visit, code: str) -> tuple[Status, tuple[tuple[date, date, str], ...]] | None:
    """For an area's page: its status on the visit's day and its history; None where no rule judges such areas."""
    if not visit.shelf.register.rules:
        return None
    judged = judge(desk, visit, rule_asked(visit, None))
    if code not in judged.inputs.codes:
        return None
    return judged.of(code, visit.day), judged.history(code)[:12]


def holds_about(visit: Visit, code: str) -> tuple[HoldEntry, ...]:
    """Holds in force, when the newest release was made, on an area or on what it lies in."""
    line = {code, *(one.code for one in visit.shelf.atlas.line(code))}
    return tuple(one for one in visit.shelf.register.held(visit.shelf.latest().made_at) if one.area_code in line)


@get("/status", sync_to_thread=True, include_in_schema=False)
def status_page(
    request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked], rule: Rule = None
) -> Page:
    """Every area that the rule judges, in order of name within its district, with its sentence."""
    visit = desk.visit(wish)
    chosen = rule_asked(visit, rule)
    judged = judge(desk, visit, chosen)
    names = judged.names(visit.day)
    atlas = visit.shelf.atlas
    counted = [(name, names.count(name)) for name in reversed(chosen.names)]
    standing = {code: name for code, name in zip(judged.inputs.codes, names, strict=True) if name is not None}
    listed, inside = _listed(visit, chosen, standing)
    context = {
        "path": "/status",
        "rule": chosen,
        "rules": rules_of(visit),
        "in_force": rule_asked(visit, None).rule_id if visit.shelf.register.rules else None,
        "chosen": next((one for one in visit.shelf.register.rules if one.rule_id == chosen.rule_id), None),
        "above": [
            (atlas.places[code], one) for code, one in zip(listed, judged.all_of(listed, visit.day), strict=True)
        ],
        "within": visit.asked.focus and atlas.place(visit.asked.focus),
        "inside": inside,
        "counted": counted,
        "unjudged": names.count(None),
    }
    return _page(request, desk, visit, "status.html", context, f"/status?rule={rule}" if rule else "/status")


@dataclass(frozen=True)
class Inside:
    """Of the small areas in a place: how many stand above the ground, and how many are judged."""

    place: Place
    above: int
    judged: int


def _listed(visit: Visit, rule: StatusRule, standing: Mapping[str, str]) -> tuple[list[str], list[Inside]]:
    """Codes that a page tells of one by one; and where those are too many, the districts in which the others lie.

    standing : what is in force, of every area that is judged
    """
    atlas = visit.shelf.atlas
    above = [code for code, name in standing.items() if name != rule.ground]
    if visit.asked.focus:
        asked = visit.asked.focus
        return [code for code in above if asked in {code, *(one.code for one in atlas.line(code))}], []
    if len(above) <= MOST_TOLD:
        return above, []
    small = {code for code in standing if atlas.places[code].level is AreaLevel.SMALL_AREA}
    districts = [
        Inside(place, sum(standing[code] != rule.ground for code in mine), len(mine))
        for place in atlas.at_level(AreaLevel.DISTRICT)
        if (mine := [code for code in atlas.children.get(place.code, ()) if code in small])
    ]
    return [code for code in above if code not in small], districts


@get("/status/backtest", sync_to_thread=True, include_in_schema=False)
def backtest_page(
    request: WebRequest,
    desk: NamedDependency[Desk],
    wish: NamedDependency[Asked],
    rule: Rule = None,
    other: Rule = None,
) -> Page:
    """On which days the rule would have acted, how often it would have flapped, what another would have done."""
    visit = desk.visit(wish)
    first = rule_asked(visit, rule)
    second = rule_asked(visit, other) if other else None
    one, beside, compared = backtests(desk, visit, first, second)
    context: dict[str, Any] = {
        "path": "/status/backtest",
        "rules": rules_of(visit),
        "tested": one,
        "beside": beside,
        "compared": compared,
        "first": one[0].inputs.first,
        "bars": _bars([number for _, number in _by_day(one)]),
        "by_day": _by_day(one),
    }
    return _page(request, desk, visit, "backtest.html", context, f"/status/backtest?rule={rule}&other={other}")


def backtests(
    desk: Desk, visit: Visit, rule: StatusRule, other: StatusRule | None
) -> tuple[Pair, Pair | None, Compared | None]:
    """The rule tested; the other one, and both side by side, on the levels of area that both judge."""
    judged = judge(desk, visit, rule)
    if other is None:
        return tested(judged), None, None
    beside = judge(desk, visit, other)
    compared = side_by_side(desk.edition(visit), judged, beside, _exclusions(visit))
    return tested(judged), tested(beside), compared


def _by_day(pair: Pair) -> list[tuple[date, int]]:
    judged, done = pair
    return [(judged.inputs.day(at), number) for at, number in enumerate(done.acting)]


def _bars(values: list[int]) -> list[tuple[float, float, float]]:
    """x, y, height of a bar for every day, in a picture of 1,000 by 100."""
    most, width = max([*values, 1]), 1000 / max(1, len(values))
    return [(at * width, 100 - 100 * value / most, 100 * value / most) for at, value in enumerate(values)]


@get("/status/rules/{name:str}", sync_to_thread=True, include_in_schema=False)
def rule_text(
    request: WebRequest, name: FromPath[str], desk: NamedDependency[Desk], wish: NamedDependency[Asked]
) -> Page:
    """The rule as data: its TOML text, as it was chosen."""
    visit = desk.visit(wish)
    texts = {**shipped(), **{one.rule_id: one.text for one in reversed(visit.shelf.register.rules)}}
    rule_id = name.removesuffix(".toml")
    if rule_id not in texts:
        raise NotFound(f"There is no rule {rule_id[:40]!r}; there are: {', '.join(texts)}.")
    return desk.send(request, visit, texts[rule_id].encode, path=f"/status/rules/{rule_id}", media_type="text/plain")


@get("/status.csv", sync_to_thread=True)
def status_csv(request: WebRequest, desk: NamedDependency[Desk]) -> Page:
    """area_code, day, rule, version, rank, status: every judged area on every day, as each day knew it."""
    visit, asked = desk.ask(request, JUDGED)
    rule = rule_asked(visit, asked.get("rule"))
    return desk.answer(
        request,
        visit,
        asked,
        lambda: csv_bytes(judge(desk, visit, rule).frame()),
        media_type=CSV,
        file_name=f"status-{rule.rule_id}-{visit.release.release_id}.csv",
    )


@get("/holds", sync_to_thread=True, include_in_schema=False)
def holds_page(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Page:
    """The register: holds in force, holds that ended, outcomes of concerns, recalls."""
    visit = desk.visit(wish)
    register, atlas = visit.shelf.register, visit.shelf.atlas
    held = register.held(desk.holdings.now())

    def name_of(code: str) -> str:
        return atlas.places[code].name if code in atlas.places else code

    context: dict[str, Any] = {
        "register": register,
        "held": held,
        "ended": [one for one in register.entries if one.entry in ("lifted", "expired")],
        "name_of": name_of,
    }
    return _page(request, desk, visit, "holds.html", context, "/holds", settled=False)


@get("/holds.json", sync_to_thread=True)
def holds_json(request: WebRequest, desk: NamedDependency[Desk]) -> Page:
    """The register as rows: every line ever written, newest first."""
    visit, asked = desk.ask(request, ())
    register = visit.shelf.register
    told = {
        "holds": [vars(one) for one in register.entries],
        "outcomes": [vars(one) for one in register.outcomes],
        "recalls": [vars(one) for one in register.recalls],
    }
    return desk.answer(request, visit, asked, lambda: json_bytes(told), media_type=JSON)


def _page(
    request: WebRequest,
    desk: Desk,
    visit: Visit,
    template: str,
    context: dict[str, Any],
    path: str,
    *,
    settled: bool = True,
) -> Page:
    if settled:
        return desk.page(request, visit, template, lambda: context, path=path)
    words = desk.render(template, visit=visit, asked=visit.asked, path=path, more=None, **context)
    return Response(words, media_type=HTML, headers={"cache-control": "no-store"})
