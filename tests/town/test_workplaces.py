"""Who works where: of working age, near home, the same place at every asking; six lines of ten tell it."""

import numpy as np
import pytest

from pumphandle_town.ages import household_ages
from pumphandle_town.chance import Chance
from pumphandle_town.households import settle
from pumphandle_town.outbreaks import Cause, plant
from pumphandle_town.people import People
from pumphandle_town.places import Places, lay_out
from pumphandle_town.postcodes import name_postcodes
from pumphandle_town.workplaces import AT_WORK, TOLD, Workplaces, employ


@pytest.fixture(scope="module")
def town() -> tuple[Places, People, Workplaces]:
    chance = Chance(5)
    places = lay_out(120_000, chance)
    homes, area = settle(places.population, chance)
    people = People(chance, homes, name_postcodes(area, places, chance), household_ages(homes, chance), 18_414, ("", 3))
    return places, people, employ(places, people, chance)


def test_people_of_working_age_work_near_home(town: tuple[Places, People, Workplaces]) -> None:
    places, people, work = town
    everyone = np.arange(people.households.people)
    at, age = work.of(everyone), people.ages(everyone)
    of_age = (age >= 18) & (age < 65)
    assert not (at[~of_age] >= 0).any()
    assert (at[of_age] >= 0).mean() == pytest.approx(AT_WORK, abs=0.01)
    home = people.postcodes.area[people.households.postcode[people.households.of(everyone)]]
    there = people.postcodes.area[work.postcode[at]]
    for person in np.flatnonzero(at >= 0)[::997]:
        own = int(home[person])
        one = places.borders[own]
        two = {far for near in one for far in places.borders[near]}
        assert int(there[person]) in {own, *one, *two}
    many = np.bincount(at[at >= 0])
    assert many[many > 0].mean() == pytest.approx(20, rel=0.3)
    assert many.max() > 100


def test_a_person_s_workplace_and_whether_it_is_told_never_change(town: tuple[Places, People, Workplaces]) -> None:
    _, people, work = town
    some = np.array([7, 50_000, 99, 7])
    assert (work.of(some) == work.of(np.arange(people.households.people))[some]).all()
    told = work.told(np.arange(60_000))
    at = work.of(np.arange(60_000))
    assert (told[at < 0] < 0).all()
    assert (told[at >= 0] >= 0).mean() == pytest.approx(TOLD, abs=0.02)
    known = told >= 0
    assert (told[known] == work.postcode[at[known]]).all()


def test_an_outbreak_of_staff_is_of_one_workplace(town: tuple[Places, People, Workplaces]) -> None:
    places, people, work = town
    outbreaks, cases = plant(places, people, 90, np.random.default_rng(2))
    found = [number for number, one in enumerate(outbreaks) if one.cause is Cause.WORKPLACE]
    assert found
    for number in found:
        at = work.of(np.array([case.person for case in cases if case.outbreak == number]))
        assert len(set(at.tolist())) == 1
        assert work.postcode[at[0]] == outbreaks[number].postcode
