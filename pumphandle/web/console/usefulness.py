"""How useful the releases are, as charts and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from litestar import Response, get
from litestar.params import FromQuery

from pumphandle.actions.look_usefulness import look_usefulness
from pumphandle.actions.measure_usefulness import MEASURED
from pumphandle.store.decisions.usefulness import ReleaseUsefulness
from pumphandle.vocabulary.counts import Measure
from pumphandle.vocabulary.errors import NotUnderstood
from pumphandle.web.console.curves import Chart, Figures, chart
from pumphandle.web.console.house import TheHouse, render
from pumphandle.web.console.visits import TheCaller


@dataclass(frozen=True)
class UsefulnessPage:
    """releases : oldest first; charts : of those"""

    measure: Measure
    measures: tuple[Measure, ...]
    releases: list[ReleaseUsefulness]
    charts: list[Chart]


@get("/usefulness", sync_to_thread=True)
def usefulness(caller: TheCaller, house: TheHouse, measure: FromQuery[str] = "cases") -> Response[str]:
    chosen = next((one for one in MEASURED if one.value == measure), None)
    if chosen is None:
        raise NotUnderstood("Usefulness is measured of cases and of tests.")
    found = look_usefulness(house.database, chosen, by=caller.actor, at=caller.at)
    shown = UsefulnessPage(chosen, MEASURED, found, charts_of(found))
    return render(house, "usefulness.html", visit=caller.visit, page=shown)


def charts_of(found: Sequence[ReleaseUsefulness]) -> list[Chart]:
    """Four pictures, each over the days of the releases; what has no figure yet has no picture."""
    days = [one.as_of for one in found]
    drawn = [
        chart(
            "Records that are out after",
            days,
            [
                Figures("14 days", "first", [one.out_14 for one in found]),
                Figures("7 days", "second", [one.out_7 for one in found]),
                Figures("3 days", "third", [one.out_3 for one in found]),
                Figures("same day", "fourth", [one.out_0 for one in found]),
            ],
            top=1.0,
            said=lambda value: f"{100 * value:.0f} %",
        ),
        chart(
            "Mean error of seven days",
            days,
            [
                Figures("told at once", "first", [one.error for one in found]),
                Figures("told 14 days later", "third", [one.error_settled for one in found]),
            ],
            top=None,
            said=lambda value: f"{value:.1f}",
        ),
        chart(
            "Mean length of a window",
            days,
            [Figures("in days", "first", [one.window_days for one in found])],
            top=None,
            said=lambda value: f"{value:.1f}",
        ),
        chart(
            "Held back",
            days,
            [Figures("of the records of 28 days", "first", [one.held_back for one in found])],
            top=None,
            said=lambda value: f"{100 * value:.1f} %",
        ),
    ]
    return [one for one in drawn if one is not None]
