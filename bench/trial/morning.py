"""What the engine would know of a made-up season on one morning."""

from datetime import date, timedelta

import numpy as np

from bench.trial.world import World
from pumphandle.detection.daily.known import Ground, Known

STUDY_DAYS = 56
START = date(2020, 6, 1)


def ground_of(world: World) -> Ground:
    """The country, with invented codes."""
    return Ground(
        area_codes=tuple(f"S{at:04d}" for at in range(len(world.population))),
        authorities=tuple(f"D{at:03d}" for at in range(int(world.district.max()) + 1)),
        authority=world.district,
        points=world.points,
        population=world.population,
        region=world.region,
    )


def known_of(world: World, day: int) -> tuple[Known, np.ndarray]:
    """(what is known on the evening of `day`, which of the world's cases those are)."""
    first = day - STUDY_DAYS + 1
    seen = (world.test_known <= day) & (world.test_day >= first) & (world.test_day <= day)
    tests = np.zeros((len(world.population), STUDY_DAYS))
    np.add.at(tests, (world.test_area[seen], world.test_day[seen] - first), 1.0)
    cases = np.flatnonzero((world.case_known <= day) & (world.case_day >= first) & (world.case_day <= day))
    at_work = world.case_work[cases]
    known = Known(
        pathogen="made_up",
        last=START + timedelta(days=day),
        tests=tests,
        case_keys=tuple(f"{one:08d}" for one in cases),
        case_area=world.case_area[cases],
        case_day=world.case_day[cases] - first,
        case_household=world.case_household[cases],
        case_post=world.case_post[cases],
        post_points=world.post_points,
        shared_case=np.flatnonzero(at_work >= 0),
        shared_place=at_work[at_work >= 0],
    )
    return known, cases
