"""Detect: where is something happening today, how sure is that, and which cases is it made of."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Final

import polars as pl

from pumphandle.actions.follow import follow_clusters
from pumphandle.actions.look_ahead import look_ahead
from pumphandle.delivery.canary import without
from pumphandle.detection.code import code_version
from pumphandle.detection.daily.engine import look
from pumphandle.detection.daily.frames import ground_of, known_of
from pumphandle.detection.daily.known import Ground, Known
from pumphandle.detection.daily.settings import Settings
from pumphandle.detection.signals import Signal, Wording, look_of, signals
from pumphandle.detection.workers import IN_TURN, Workers
from pumphandle.geography.description import Coordinates
from pumphandle.geography.metres import metres
from pumphandle.governance.thresholds import Threshold
from pumphandle.store.decisions import audit, canaries, thresholds
from pumphandle.store.decisions import signals as signal_shelf
from pumphandle.store.engine import Transaction
from pumphandle.store.events import study
from pumphandle.store.events.lake import Lake
from pumphandle.store.identified.places_told import places_told
from pumphandle.store.reference import areas, nation, postcodes
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel

STUDY_DAYS: Final = 56
"""Eight weeks: what an area's own level, weekdays and delays are learnt from."""

NUMBERS: Final = (
    "false_alarms_in_100_weeks",
    "detection_window_days",
    "detection_baseline_days",
    "largest_household_percent",
)
"""Thresholds that a look stands on; their versions stand in its pin."""


@dataclass(frozen=True)
class DayDetected:
    """What detecting a day did. raised : clusters that somebody is to be told of; strongest : in words."""

    areas: int
    pathogens: int
    signals: int
    raised: int
    escalated: int
    strongest: str | None


@dataclass(frozen=True)
class Scene:
    """The country on the day: its places and what they are called."""

    ground: Ground
    wording: Wording
    vintage: str
    coordinates: Coordinates


@dataclass(frozen=True)
class Looked:
    """One pathogen's look. pin : everything that it depends on."""

    known: Known
    found: list[Signal]
    pin: dict[str, object]


def detect(
    day: date, *, tx: Transaction, lake: Lake, by: Actor, at: datetime, workers: Workers = IN_TURN
) -> DayDetected:
    """Look at every pathogen as of `day`, follow its clusters, run their clocks; in the caller's transaction."""
    chosen = {name: thresholds.current(tx, name) for name in NUMBERS}
    scene = scene_of(tx)
    told = signalled = raised = escalated = 0
    strongest: tuple[float, str] | None = None
    found = study.told(tx, lake, last=day, days=STUDY_DAYS)
    for pathogen in study.pathogens(found):
        looked = look_at(day, pathogen, scene, chosen, found, heard=at, tx=tx, lake=lake, workers=workers)
        done = follow_clusters(looked.known, looked.found, scene.ground, on=day, tx=tx, at=at)
        signal_shelf.put(tx, looked.found, done.cluster_ids)
        signal_shelf.put_look(tx, day, pathogen, pin=looked.pin, found=looked.found, at=at)
        look_ahead(looked.known, scene.ground, on=day, tx=tx, lake=lake)
        told, signalled = told + 1, signalled + len(looked.found)
        raised, escalated = raised + done.raised, escalated + done.escalated
        best = min(((one.odds, one.sentence) for one in looked.found if one.excluded is None), default=None)
        strongest = min((one for one in (strongest, best) if one is not None), default=None)
    done_today = DayDetected(
        areas=scene.ground.areas,
        pathogens=told,
        signals=signalled,
        raised=raised,
        escalated=escalated,
        strongest=None if strongest is None else strongest[1],
    )
    subject: dict[str, object] = {"day": str(day), "signals": signalled, "raised": raised, "escalated": escalated}
    audit.add(tx, deed="detect", subject=subject, by=by, at=at)
    return done_today


def scene_of(tx: Transaction) -> Scene:
    """Small areas that belong to an authority, and their names."""
    places = areas.areas(tx)
    loaded, picture = nation.nation(tx), nation.picture(tx)
    small = [one for one in places if one.level is AreaLevel.SMALL_AREA and one.parent is not None]
    regions = {str(one.area_code) for one in places if one.level is AreaLevel.REGION}
    region_of = {str(one.area_code): str(one.parent) for one in places if str(one.parent) in regions}
    frame = pl.DataFrame(
        {
            "area_code": [str(one.area_code) for one in small],
            "authority": [str(one.parent) for one in small],
            "region": [region_of.get(str(one.parent)) for one in small],
            "population": [one.population for one in small],
        },
        schema={"area_code": pl.String, "authority": pl.String, "region": pl.String, "population": pl.Int64},
    )
    nowhere = float("nan")
    points = [
        (nowhere, nowhere) if one.point_x is None or one.point_y is None else (one.point_x, one.point_y)
        for one in small
    ]
    names = {str(one.area_code): one.name for one in places}
    return Scene(
        ground=ground_of(frame, metres(points, Coordinates(picture.coordinates))),
        wording=Wording(areas=names, authorities=names),
        vintage=loaded.vintage,
        coordinates=Coordinates(picture.postcode_coordinates),
    )


def look_at(
    day: date,
    pathogen: str,
    scene: Scene,
    chosen: dict[str, Threshold],
    told: pl.DataFrame,
    *,
    heard: datetime,
    tx: Transaction,
    lake: Lake,
    workers: Workers = IN_TURN,
) -> Looked:
    """One look, which depends on its arguments and on what the pin names, and on nothing else.

    told : what study.told gives of these days; heard : until when what cases said in interviews counts
    """
    asked = study.study(tx, lake, pathogen, told, last=day, days=STUDY_DAYS)
    people = without(asked.cases.rename({"case_key": "record_key"}), canaries.invented(tx))
    asked = replace(asked, cases=people.rename({"record_key": "case_key"}))
    places = postcodes.points(tx, asked.cases["postcode"])
    points = metres(places.select("point_x", "point_y").to_numpy(), scene.coordinates)
    named = places_told(tx, asked.cases["case_key"], received=day, heard=heard)
    columns = {"tests": asked.tests, "cases": asked.cases, "delays": asked.delays, "named": named}
    known = known_of(
        scene.ground, pathogen=pathogen, first=asked.first, last=day, places=places, points=points, **columns
    )
    numbers = {name: int(one.value) for name, one in chosen.items()}
    settings = Settings(
        false_alarms=numbers["false_alarms_in_100_weeks"] / 100.0,
        window_days=numbers["detection_window_days"],
        baseline_days=numbers["detection_baseline_days"],
    )
    found = signals(
        look(scene.ground, [known], settings, workers=workers)[0],
        look_of(scene.ground, known),
        wording=scene.wording,
        false_alarms=settings.false_alarms,
        largest_household_share=numbers["largest_household_percent"] / 100.0,
    )
    pin: dict[str, object] = {
        "as_of": str(day),
        "study_days": STUDY_DAYS,
        "heard_until": heard.isoformat(),
        "batches_sha256": study.batches_sha256(tx, last=day, days=STUDY_DAYS),
        "geography": scene.vintage,
        "code": code_version(),
        "thresholds": {name: one.version for name, one in sorted(chosen.items())},
        "settings": asdict(settings),
    }
    return Looked(known, found, pin)
