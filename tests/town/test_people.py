"""People are plausible and nobody's: valid identifiers of reserved ranges, fictional phones, households that add up."""

import numpy as np
import polars as pl

from pumphandle_town.ages import household_ages
from pumphandle_town.chance import Chance
from pumphandle_town.households import Postcodes, settle
from pumphandle_town.identifiers import NHS_BLOCK, medicare_numbers, nhs_numbers
from pumphandle_town.names import name_book
from pumphandle_town.people import People
from pumphandle_town.rosters import ALDERMARK, NEW_SOUTH_WALES

CHANCE = Chance(5)


def population(people: int = 40_000) -> People:
    homes, area = settle(np.array([people // 2, people // 2]), CHANCE)
    text = pl.Series([f"AA{number}" for number in range(len(area))])
    posts = Postcodes(text, area, pl.Series(["Town"] * len(area)))
    return People(CHANCE, homes, posts, household_ages(homes, CHANCE), 18_414, ("07700 900", 3))


def nhs_is_valid(number: str) -> bool:
    check = 11 - sum(int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False)) % 11
    return len(number) == 10 and int(number[9]) == check % 11 and check != 10


def test_health_numbers_are_valid_unique_and_reserved() -> None:
    numbers = nhs_numbers(np.arange(NHS_BLOCK))
    assert numbers.n_unique() == NHS_BLOCK
    assert numbers.str.starts_with("999").all()
    assert all(nhs_is_valid(number) for number in numbers.gather_every(97))
    beyond = nhs_numbers(np.arange(NHS_BLOCK, 61 * NHS_BLOCK, 1_009))
    assert beyond.str.starts_with("9").all() and beyond.n_unique() == len(beyond)
    assert all(nhs_is_valid(number) for number in beyond.gather_every(53))


def test_medicare_numbers_are_valid_and_name_one_person() -> None:
    homes = population().households
    persons = np.arange(homes.people)
    home = homes.of(persons)
    usual = ~homes.care_home[home]
    numbers = medicare_numbers(home[usual], (persons - homes.start[home])[usual], CHANCE)
    assert numbers.n_unique() == len(numbers)
    for number in numbers.gather_every(31):
        digits = [int(digit) for digit in number]
        check = sum(digit * weight for digit, weight in zip(digits, (1, 3, 7, 9, 1, 3, 7, 9), strict=False)) % 10
        assert len(digits) == 11 and 2 <= digits[0] <= 6 and digits[8] == check and 1 <= digits[10] <= 9


def test_households_add_up() -> None:
    homes = population().households
    assert homes.people == 40_000 == int(homes.size.astype(int).sum())
    assert (homes.start[1:] == homes.start[:-1] + homes.size[:-1]).all()
    usual = homes.size[~homes.care_home]
    assert usual.min() >= 1 and usual.max() <= 7 and 2.0 < usual.mean() < 2.8
    assert homes.care_home.any() and homes.size[homes.care_home].min() >= 12
    persons = np.arange(homes.people)
    assert (homes.of(persons) == np.repeat(np.arange(len(homes.size)), homes.size)).all()
    place, other = homes.others(np.array([0, 17, 23]))
    assert all(homes.of(np.array([17]))[0] == homes.of(np.array([each]))[0] for each in other[place == 1])
    assert 17 not in other[place == 1]


def test_ages_have_a_nation_s_shape() -> None:
    people = population()
    persons = np.arange(people.households.people)
    ages = people.ages(persons)
    assert ages.min() >= 0 and ages.max() < 105
    assert 0.15 < (ages < 18).mean() < 0.27 and 0.10 < (ages >= 65).mean() < 0.22
    assert (ages[people.households.care_home[people.households.of(persons)]] > 70).all()
    first = people.households.start[~people.households.care_home]
    assert people.ages(first).min() >= 18
    assert (people.born(persons) < 18_414).all()


def test_families_mostly_share_a_name() -> None:
    people = population()
    pairs = people.households.start[(people.households.size == 4) & ~people.households.care_home]
    third, _ = people.names(pairs + 2)
    fourth, _ = people.names(pairs + 3)
    stem = pl.DataFrame({"one": third.str.slice(0, 4), "two": fourth.str.slice(0, 4)})
    assert stem.select((pl.col("one") == pl.col("two")).mean()).item() > 0.7


def test_every_name_can_be_written_by_every_laboratory() -> None:
    book = name_book()
    text = "".join(name for table in (book.family_men, book.family_women, book.women, book.men) for name in table.names)
    for laboratory in (*ALDERMARK, *NEW_SOUTH_WALES):
        assert text.upper().encode(laboratory.encoding)


def test_phones_are_fictional() -> None:
    assert population().phones(np.arange(500)).str.contains(r"^07700 900\d{3}$").all()
