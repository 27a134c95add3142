"""Look at an outbreak: how it stands, what was done about it, and the report of it for others."""

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from pumphandle.actions.look import NO_TRACING, looking, why_hidden
from pumphandle.actions.look_signals import authority_in
from pumphandle.governance import policy
from pumphandle.governance.clusters import CLUSTER
from pumphandle.store.decisions import audit, clusters, control, runs
from pumphandle.store.decisions.clusters import Cluster, ClusterStep, Outbreak
from pumphandle.store.decisions.control import ControlMeasure
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.identified import outbreaks
from pumphandle.store.reference import names
from pumphandle.tracing.epicurve import Epicurve, as_svg, epicurve
from pumphandle.tracing.measures import Share
from pumphandle.tracing.report import Part, Report, as_pdf
from pumphandle.tracing.situation import Situation, Traced, situation, traced
from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaCode


@dataclass(frozen=True)
class OutbreakView:
    """situation and curve : None for who sees no record, and `hidden` says why

    may_decide : control measures and closing are theirs
    """

    outbreak: Outbreak
    cluster: Cluster
    steps: list[ClusterStep]
    measures: list[ControlMeasure]
    situation: Situation | None
    hidden: str | None
    curve: Epicurve | None
    area_names: dict[str, str]
    may_decide: bool


def look_outbreak(database: Database, outbreak_id: str, *, by: Actor, at: datetime) -> OutbreakView:
    """Raises NotFound for what does not exist, NotPermitted for another authority's."""
    with looking(database, "look_outbreak", by=by, at=at) as tx:
        return _view(tx, outbreak_id, by=by, at=at)


def report_outbreak(database: Database, outbreak_id: str, *, by: Actor, at: datetime) -> tuple[str, bytes]:
    """The situation report as (file name, PDF). Counts only: it may go to those who see no record."""
    with looking(database, "look_outbreak", by=by, at=at) as tx:
        view = _view(tx, outbreak_id, by=by, at=at)
    made = as_pdf(_report(view, by=by, at=at), made_at=at)
    return f"{view.outbreak.outbreak_id}-{at:%Y-%m-%d}.pdf", made


def _view(tx: Transaction, outbreak_id: str, *, by: Actor, at: datetime) -> OutbreakView:
    named = authority_in(tx, outbreak_id.rpartition("-")[0], what="outbreak")
    policy.check_can_see_signals(by, authority=named)
    found = clusters.outbreak(tx, outbreak_id)
    if found is None:
        raise NotFound("There is no such outbreak.")
    authority = AreaCode(found.authority)
    policy.check_can_see_signals(by, authority=authority)
    cluster = clusters.find(tx, found.cluster_id)
    done = control.measures(tx, outbreak_id)
    counted = curve = None
    hidden = why_hidden(tx, by, authority=authority, at=at)
    if hidden is None:
        traces = policy.can(policy.check_can_trace, by, authority=authority)
        counted = _situation(tx, found, traces=traces, at=at)
        curve = epicurve(counted.days, [(one.what, one.first_day, one.last_day) for one in done])
    codes = {code for code, _ in counted.by_area} if counted else set[str]()
    subject: dict[str, object] = {"outbreak": outbreak_id, "cases": counted.cases if counted else None}
    audit.add(tx, deed="look_outbreak", subject=subject, by=by, at=at)
    decides = policy.can(policy.check_can_decide, by, authority=authority, escalated=False)
    return OutbreakView(
        outbreak=found,
        cluster=cluster,
        steps=clusters.steps(tx, found.cluster_id),
        measures=done,
        situation=counted,
        hidden=hidden,
        curve=curve,
        area_names=names.of_areas(tx, codes | {found.authority}),
        may_decide=decides and "close" in CLUSTER.events(cluster.status) and found.closed_at is None,
    )


def _situation(tx: Transaction, found: Outbreak, *, traces: bool, at: datetime) -> Situation:
    """Its days end with the last day for which records have arrived, or with its closing."""
    end = found.closed_at or at
    cases = outbreaks.cases_of(tx, found.cluster_id)
    until = min(end.date(), runs.last_day(tx) or end.date())
    return situation(cases, until=until, traced=_traced(tx, cases, at=at) if traces else None)


def _traced(tx: Transaction, cases: pl.DataFrame, *, at: datetime) -> Traced:
    keys = cases["case"].to_list()
    return traced(cases, outbreaks.contacts_of(tx, keys), outbreaks.links_of(tx, keys), at=at)


def _report(view: OutbreakView, *, by: Actor, at: datetime) -> Report:
    outbreak, counted = view.outbreak, view.situation
    where = view.area_names.get(outbreak.authority, outbreak.authority)
    stands = f"closed on {_day(outbreak.closed_at.date())}" if outbreak.closed_at else "open"
    parts = [
        Part(
            "How it began",
            (f"Declared on {_day(outbreak.declared_at.date())} by {outbreak.declared_by}: {outbreak.reason}",),
        )
    ]
    if counted is not None:
        parts += _counted(view, counted)
    elif view.hidden:
        parts.append(Part("Where it stands", (view.hidden,)))
    if view.measures:
        rows = [
            (str(number), one.what, _day(one.first_day), _day(one.last_day) if one.last_day else "goes on")
            for number, one in enumerate(view.measures, start=1)
        ]
        parts.append(Part("Control measures", columns=("No.", "What", "From", "To"), rows=rows, numbers=False))
    if outbreak.closed_at:
        parts.append(Part("Why it was closed", (outbreak.close_reason or "",)))
        parts.append(Part("What was learnt", (outbreak.lessons or "Nothing was written down.",)))
    return Report(
        title=f"Outbreak {outbreak.outbreak_id}: {outbreak.name}",
        lead=f"Situation report, {where}, {_day(at.date())}. The outbreak is {stands}.",
        footer=f"{outbreak.outbreak_id}, {at:%Y-%m-%d %H:%M}, for {by.name}; counts of few people: not for publication",
        parts=parts,
    )


def _counted(view: OutbreakView, counted: Situation) -> list[Part]:
    when = f" Specimens from {_day(counted.first)} to {_day(counted.last)}." if counted.first and counted.last else ""
    came = "." if counted.linked is None else f"; {counted.linked} came in through links and not through the cluster."
    told = (
        f"{counted.cases} cases in {counted.households} households, {counted.in_last_week} of them in the last seven "
        f"days, {_day(counted.week[0])} to {_day(counted.week[1])}{came}{when}",
    )
    svg = as_svg(view.curve) if view.curve else None
    peak = max(counted.days, key=lambda one: one[1], default=None)
    alt = (
        f"Cases by day of specimen, at most {peak[1]} on {_day(peak[0])}; control measures below the days."
        if peak
        else None
    )
    areas = [(view.area_names.get(code, code), str(count)) for code, count in counted.by_area]
    parts = [
        Part("Where it stands", told, svg=svg, alt=alt),
        Part("By age", columns=("Age", "Cases"), rows=[(name, str(count)) for name, count in counted.by_age]),
        Part("By area", columns=("Area", "Cases"), rows=areas),
    ]
    if counted.by_setting:
        rows = [(name.replace("_", " "), str(count)) for name, count in counted.by_setting]
        parts.append(Part("By kind of place", columns=("Kind", "Cases"), rows=rows))
    return parts + (_followed(counted.tracing) if counted.tracing else [Part("Contacts", (NO_TRACING,))])


def _followed(known: Traced) -> list[Part]:
    reached = [
        ("within 24 hours", *_share(known.reached_in_24)),
        ("within 48 hours", *_share(known.reached_in_48)),
    ]
    fell_ill = [(kind.replace("_", " "), *_share(one)) for kind, one in known.attack.items()]
    infected = [(kind.replace("_", " "), f"{mean:.2f}") for kind, mean in known.infected.items()]
    parts = [
        Part(
            "Contacts",
            (f"{known.named} contacts were named; {known.open_contacts} are followed up.",),
            columns=("Reached", "Contacts", "Share", "95 % interval"),
            rows=reached,
        )
    ]
    if fell_ill:
        columns = ("Kind of contact", "Became cases", "Share", "95 % interval")
        parts.append(Part("Contacts who became cases", columns=columns, rows=fell_ill))
    if infected:
        sentence = ("Cases that one case led to, on average, each later case given to one earlier case.",)
        parts.append(Part("Reproduction by kind of link", sentence, columns=("Link", "Cases"), rows=infected))
    return parts


def _share(one: Share) -> tuple[str, str, str]:
    if one.value is None or one.low is None or one.high is None:
        return f"{one.part} of {one.whole}", "–", "–"
    return f"{one.part} of {one.whole}", f"{one.value:.0%}", f"{one.low:.0%} to {one.high:.0%}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
