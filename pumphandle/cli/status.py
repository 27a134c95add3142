"""pumphandle status and back-test: what the public pages of the same names say, on the terminal."""

from datetime import date, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pumphandle.actions.look_status import Published, published
from pumphandle.cli.opening import deeds
from pumphandle.cli.screen import OUT
from pumphandle.publication.status.judging import Judged, Pair, judged_by, side_by_side, tested
from pumphandle.vocabulary.errors import BadParameter

RuleName = Annotated[str | None, typer.Option(help="A rule by its name; default the one in force.")]
RELEASE = Annotated[str | None, typer.Option(help="As of an earlier release; default the newest.")]


def status(
    area: Annotated[str | None, typer.Argument(help="An area by its code: its sentence and history.")] = None,
    rule: RuleName = None,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Default the release's day.")] = None,
    release: RELEASE = None,
) -> None:
    """The status of every area that is above the ground state, each with its sentence."""
    seen = _published(release)
    judged = judged_by(seen.edition, seen.rule(rule), seen.exclusions)
    when = day.date() if day else seen.edition.release.as_of
    seen.edition.column(when)
    OUT.print(f"{judged.rule.title}, {when}, release {seen.edition.release.release_id}", style="bold")
    if area is None:
        _all(seen, judged, when)
        return
    place = seen.edition.atlas.place(area)
    if area not in judged.inputs.codes:
        raise BadParameter("area", f"an area of the levels that the rule judges: {', '.join(judged.rule.applies_to)}")
    OUT.print(escape(f"{place.name}: {judged.of(area, when).sentence}"))
    for first, last, name in judged.history(area):
        OUT.print(f"  {first} to {last}  {escape(name)}")


def back_test(
    rule: RuleName = None,
    other: Annotated[str | None, typer.Option(help="Another rule beside it.")] = None,
    release: RELEASE = None,
) -> None:
    """On which days a rule would have acted, how often it would have flapped, what another would have done."""
    seen = _published(release)
    one = judged_by(seen.edition, seen.rule(rule), seen.exclusions)
    _tested(tested(one))
    if other is None:
        return
    beside = judged_by(seen.edition, seen.rule(other), seen.exclusions)
    _tested(tested(beside))
    compared = side_by_side(seen.edition, one, beside, seen.exclusions)
    if compared is not None:
        OUT.print(
            f"On the area-days that both judge: both act on {compared.both:,}, neither on {compared.neither:,}; "
            f"only the first on {compared.only_first:,}, only the second on {compared.only_second:,}."
        )


def _published(release: str | None) -> Published:
    with deeds() as (_, database):
        return published(database, release)


def _all(seen: Published, judged: Judged, when: date) -> None:
    names = judged.names(when)
    counted = ", ".join(f"{name} {names.count(name):,}" for name in reversed(judged.rule.names))
    OUT.print(escape(f"{counted}, not judged {names.count(None):,}"))
    above = {
        code: name
        for code, name in zip(judged.inputs.codes, names, strict=True)
        if name not in (None, judged.rule.ground)
    }
    for (code, name), found in zip(above.items(), judged.all_of(list(above), when), strict=True):
        OUT.print(escape(f"{seen.edition.atlas.places[code].name} ({code}), {name}: {found.sentence}"))


def _tested(pair: Pair) -> None:
    judged, done = pair
    title = f"{judged.rule.title}: {done.judged:,} areas judged, {done.area_days:,} area-days"
    table = Table(box=None, title=escape(title), title_justify="left")
    table.add_column("level, or above")
    for name in ("areas ever", "area-days", "times entered", "flaps"):
        table.add_column(name, justify="right")
    for level in done.levels:
        numbers = (level.areas, level.days, level.entered, level.flaps)
        table.add_row(escape(level.name), *(f"{number:,}" for number in numbers))
    OUT.print(table)
    acting = [(judged.inputs.day(at), number) for at, number in enumerate(done.acting) if number]
    first = f"It acts on {len(acting):,} of {len(done.acting):,} days"
    OUT.print(f"{first}, first on {acting[0][0]}." if acting else f"{first}.")
