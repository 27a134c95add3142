"""Who may do what: one table. What does not stand here is refused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pumphandle.vocabulary.people import Role


class Duty(StrEnum):
    """One thing that a role may do. For roles with an authority: only for its residents."""

    SEE_PEOPLE = "see people by name"
    SEE_SIGNALS = "see signals of their own authority"
    SEE_ALL_SIGNALS = "see signals of every authority"
    SEE_DELIVERIES = "see what was delivered to their authority"
    COLLECT_DELIVERIES = "download and acknowledge their authority's packages"
    SEE_RUNS = "see how the daily run went"
    RUN = "receive, link, deliver, detect and publish"
    GRANT = "open accounts"
    REGISTER_KEYS = "register the key that an authority's packages are sealed to"
    CHOOSE_THRESHOLDS = "choose the numbers that the rules stand on"
    VERIFY_AUDIT = "verify the audit chain"


MAY: Final[Mapping[Role, frozenset[Duty]]] = {
    Role.DIRECTOR: frozenset(
        {Duty.SEE_PEOPLE, Duty.SEE_SIGNALS, Duty.SEE_DELIVERIES, Duty.COLLECT_DELIVERIES, Duty.SEE_RUNS}
    ),
    Role.ANALYST: frozenset({Duty.SEE_PEOPLE, Duty.SEE_SIGNALS, Duty.SEE_DELIVERIES, Duty.SEE_RUNS}),
    Role.TRACER: frozenset({Duty.SEE_PEOPLE, Duty.SEE_SIGNALS, Duty.SEE_RUNS}),
    Role.STEWARD: frozenset({Duty.SEE_RUNS, Duty.RUN, Duty.GRANT, Duty.REGISTER_KEYS, Duty.VERIFY_AUDIT}),
    Role.NATIONAL: frozenset({Duty.SEE_ALL_SIGNALS, Duty.SEE_RUNS, Duty.CHOOSE_THRESHOLDS, Duty.VERIFY_AUDIT}),
    Role.SYSTEM: frozenset({Duty.RUN, Duty.GRANT, Duty.REGISTER_KEYS, Duty.SEE_RUNS, Duty.VERIFY_AUDIT}),
}

LOCAL_ROLES: Final = frozenset({Role.DIRECTOR, Role.ANALYST, Role.TRACER})
"""Roles that serve one authority and cannot be held without it."""
