"""Who may do what: a table that a data-protection officer can read. own: their authority's; all; –: refused."""

from collections.abc import Callable

import pytest

from pumphandle.governance import policy
from pumphandle.governance.policy import can
from pumphandle.governance.roles import LOCAL_ROLES, MACHINES, MAY, PURPOSES, SAID, Duty
from pumphandle.vocabulary.errors import NotPermitted, Refused
from pumphandle.vocabulary.people import Actor, Purpose, Role
from pumphandle.vocabulary.places import AreaCode

HOME, AWAY = AreaCode("NOR"), AreaCode("SOU")
DEEDS_OF_A_PLACE = {
    "people": policy.check_can_see_people,
    "facts": policy.check_can_see_facts,
    "signals": policy.check_can_see_signals,
    "deliveries": policy.check_can_see_deliveries,
    "collect": policy.check_can_collect,
    "draft": policy.check_can_see_draft,
    "concern": policy.check_can_raise_concern,
    "hold": policy.check_can_hold,
}
DEEDS_OF_THE_HOUSE = {
    "runs": policy.check_can_see_runs,
    "run": policy.check_can_run,
    "keys": policy.check_can_register_key,
    "threshold": policy.check_can_choose_threshold,
    "verify": policy.check_can_verify_audit,
    "review": policy.check_can_review_releases,
    "decide": policy.check_can_decide_releases,
}
TABLE = """
           people facts signals deliveries collect runs  run     keys threshold verify review    draft  concern hold
director   own    own   own     own        own     yes   –       –    –    –    –         own    own    own
analyst    –      own   own     own        –       yes   –       –    –    –    –         own    own    –
tracer     own    own   own     –          –       yes   –       –    –    –    –         –      –      –
entry      –      –     –       –          –       –     –       –    –    –    –         –      –      –
steward    –      –     –       –          –       yes   yes     yes  –    yes  –         –      –      –
national   –      –     all     –          –       yes   –       –    yes  yes  –         –      all    all
reviewer   –      –     –       –          –       yes   –       –    –    –    yes       –      –      –
auditor    –      –     –       –          –       yes   –       –    –    yes  –         –      –      –
receiver   –      –     –       own        own     –     –       –    –    –    –         –      –      –
system     –      –     –       –          –       yes   yes     yes  –    yes  –         –      –      –
break_glass –     –     –     –     –     –     –     –     –     –     –     –     –     –
"""


def actor(role: Role) -> Actor:
    return Actor("somebody", role, HOME if role in LOCAL_ROLES else None)


def answer(role: Role, deed: str) -> str:
    if deed in DEEDS_OF_THE_HOUSE:
        return "yes" if can(DEEDS_OF_THE_HOUSE[deed], actor(role)) else "–"
    check = DEEDS_OF_A_PLACE[deed]
    home, away = (can(check, actor(role), authority=place) for place in (HOME, AWAY))
    return {(True, True): "all", (True, False): "own", (False, False): "–"}[home, away]


def test_the_table() -> None:
    heading, *rows = [line.split() for line in TABLE.strip().splitlines()]
    assert [[role.value, *(answer(role, deed) for deed in heading)] for role in Role] == rows


def test_every_duty_is_somebodys_and_every_role_has_its_row() -> None:
    assert set(MAY) == set(Role)
    assert frozenset[Duty]().union(*MAY.values()) == set(Duty)


def test_every_person_has_a_purpose_and_every_purpose_a_sentence() -> None:
    assert set(PURPOSES) == set(Role) - MACHINES
    assert {purpose for purposes in PURPOSES.values() for purpose in purposes} == set(Purpose) == set(SAID)


@pytest.mark.parametrize("role", Role)
def test_the_director_decides_at_home_and_the_national_centre_what_was_escalated(role: Role) -> None:
    def may(authority: AreaCode | None, *, escalated: bool) -> bool:
        return can(policy.check_can_decide, actor(role), authority=authority, escalated=escalated)

    director, national = role is Role.DIRECTOR, role is Role.NATIONAL
    assert may(HOME, escalated=False) == director
    assert may(HOME, escalated=True) == (director or national)
    assert may(AWAY, escalated=True) == national
    assert not may(AWAY, escalated=False)
    assert not may(None, escalated=False)


@pytest.mark.parametrize("check", DEEDS_OF_A_PLACE.values())
@pytest.mark.parametrize("authority", [None, AreaCode("")])
def test_an_absent_authority_is_nobodys(check: Callable[..., None], authority: AreaCode | None) -> None:
    """Neither "no authority" nor an empty one means "all"; not even two absent ones match each other."""
    for by in (
        Actor("a", Role.DIRECTOR, None),
        Actor("b", Role.DIRECTOR, AreaCode("")),
        Actor("c", Role.DIRECTOR, HOME),
    ):
        with pytest.raises(NotPermitted):
            check(by, authority=authority)


def test_a_refusal_says_why_and_names_nobody() -> None:
    with pytest.raises(NotPermitted, match="The role tracer may not see what was delivered"):
        policy.check_can_see_deliveries(Actor("quill", Role.TRACER, HOME), authority=HOME)
    with pytest.raises(NotPermitted, match=r"^That belongs to another authority\.$"):
        policy.check_can_see_people(Actor("quill", Role.DIRECTOR, HOME), authority=AWAY)


@pytest.mark.parametrize("role", list(Role))
def test_accounts_are_opened_by_stewards_and_the_command_line(role: Role) -> None:
    allowed = can(policy.check_can_grant, actor(role), role=Role.NATIONAL, authority=None)
    assert allowed == (role in {Role.STEWARD, Role.SYSTEM})


@pytest.mark.parametrize("role", list(Role))
def test_local_roles_need_their_authority_and_the_others_must_have_none(role: Role) -> None:
    by = Actor("stew", Role.STEWARD)
    with_authority = can(policy.check_can_grant, by, role=role, authority=HOME)
    without = can(policy.check_can_grant, by, role=role, authority=None)
    expected = (False, False) if role in MACHINES else (role in LOCAL_ROLES, role not in LOCAL_ROLES)
    assert (with_authority, without) == expected


def test_can_asks_and_does_not_hide_other_failures() -> None:
    def broken() -> None:
        raise RuntimeError

    def refuses() -> None:
        raise Refused

    assert not can(refuses)
    with pytest.raises(RuntimeError):
        can(broken)
