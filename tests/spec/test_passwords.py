"""Passwords are generated strong, kept as scrypt hashes, and compared without telling anything by time."""

from base64 import b64decode

import pytest

from pumphandle.governance.passwords import NOBODY, USUAL, Cost, hash_password, matches, one_time_password
from pumphandle.vocabulary.errors import Broken, Refused

CHEAP = Cost(doublings=4, r=8, p=1)
SALT = b"0123456789abcdef"


def test_a_password_matches_its_own_hash_only() -> None:
    stored = hash_password("correct horse battery", salt=SALT, cost=CHEAP)
    assert matches("correct horse battery", stored)
    assert not matches("correct horse batterz", stored)
    assert not matches("", stored)
    assert "correct" not in stored


def test_two_salts_two_hashes() -> None:
    one, other = (hash_password("correct horse battery", salt=salt, cost=CHEAP) for salt in (SALT, SALT[::-1]))
    assert one != other


def test_a_known_answer() -> None:
    """RFC 7914, section 12: scrypt of "pleaseletmein", "SodiumChloride", N=16384, r=8, p=1; first 32 of 64 bytes."""
    stored = hash_password("pleaseletmein", salt=b"SodiumChloride", cost=Cost(doublings=14, r=8, p=1))
    assert b64decode(stored.split("$")[5]).hex() == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"


def test_nobody_costs_what_somebody_costs_and_matches_nothing() -> None:
    assert NOBODY.startswith(f"scrypt${USUAL.doublings}${USUAL.r}${USUAL.p}$")
    assert not matches("", NOBODY)
    usual = hash_password("correct horse battery", salt=SALT)
    assert [len(part) for part in usual.split("$")] == [len(part) for part in NOBODY.split("$")]


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 201])
def test_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(Refused):
        hash_password(password, salt=SALT, cost=CHEAP)


def test_a_longer_text_with_the_same_beginning_does_not_match() -> None:
    stored = hash_password("x" * 200, salt=SALT, cost=CHEAP)
    assert matches("x" * 200, stored)
    assert not matches("x" * 201, stored)


@pytest.mark.parametrize("stored", ["", "x", "bcrypt$15$8$3$AA==$AA==", "scrypt$a$8$3$AA==$AA=="])
def test_an_unreadable_hash_stops_the_sign_in(stored: str) -> None:
    with pytest.raises(Broken):
        matches("correct horse battery", stored)


def test_one_time_passwords() -> None:
    first, second = one_time_password(bytes(range(32))), one_time_password(bytes(range(1, 33)))
    assert first != second
    assert len(first.replace("-", "")) == 20
    assert not set(first + second) & set("ilo01")
    with pytest.raises(Broken):
        one_time_password(b"too few")
