"""Linkage is right: precision ≥ 0.999 at recall ≥ 0.97, on people told again with slips, twins and moves."""

from dataclasses import replace

from bench.linkage import judge
from pumphandle.identity.scoring import model
from pumphandle_town.retold import Slips

PEOPLE, MET = 40_000, 8_000


def test_a_day_with_and_without_identifiers() -> None:
    every, without, _ = judge(PEOPLE, MET, Slips(), model())
    assert every.precision >= 0.999 and every.recall >= 0.97
    assert without.known > 300
    assert without.precision >= 0.999


def test_nobody_has_an_identifier() -> None:
    _, alone, doubt = judge(PEOPLE, MET, replace(Slips(), without=1.0), model())
    assert alone.known > 3_000
    assert alone.precision >= 0.999
    assert alone.recall >= 0.97
    assert 0 < doubt < 0.05 * alone.known
