"""Who may do what, and for what purpose: two tables. What does not stand here is refused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pumphandle.vocabulary.people import Purpose, Role


class Duty(StrEnum):
    """One thing that a role may do. For roles with an authority: only for its residents."""

    SEE_PEOPLE = "see people by name"
    SEE_FACTS = "see records without names"
    SEE_SIGNALS = "see signals of their own authority"
    SEE_ALL_SIGNALS = "see signals of every authority"
    DECIDE = "decide about their authority's clusters"
    DECIDE_ESCALATED = "decide about clusters that nobody acted on in time"
    SEE_DELIVERIES = "see what was delivered to their authority"
    SEE_ALL_DELIVERIES = "see where every authority's deliveries stand"
    COLLECT_DELIVERIES = "download and acknowledge their authority's packages"
    SIGN_AGREEMENTS = "name users and sign their authority's agreement"
    OFFER_AGREEMENTS = "offer, activate and suspend agreements"
    SEND_ON = "say that a record is not theirs, or hand it over"
    TRACE = "follow contacts up and keep the register of settings"
    EXPORT = "take records out of the console"
    ANSWER_LONE_EXPORT = "answer a copy that the one director of an authority asked for"
    SEE_LOOKS = "see who looked at their residents"
    SEE_ALL_LOOKS = "see who looked at whose residents"
    BREAK_GLASS = "look at another authority's residents in an emergency"
    REVIEW_GLASS = "review whether break-glass was justified"
    SEE_ALL_GLASS = "see every break-glass"
    ENTER_RESULTS = "enter results by hand"
    REVIEW_RELEASES = "review what is held before it is published"
    SEE_USEFULNESS = "see how useful the releases are"
    SEE_OWN_DRAFT = "see their own areas' part of the next release"
    RAISE_CONCERNS = "raise concerns about their own areas and write notes beside them"
    HOLD_OWN = "hold numbers of their own areas for a short time"
    DECIDE_RELEASES = "decide concerns, longer holds, recalls and single institutions"
    SEE_RUNS = "see how the daily run went"
    RUN = "receive, link, deliver, detect and publish"
    GRANT = "open accounts"
    REGISTER_KEYS = "register the keys and machines that receive for an authority"
    PURGE = "erase what an agreement no longer allows to be kept"
    CHOOSE_THRESHOLDS = "choose the numbers that the rules stand on"
    VERIFY_AUDIT = "verify the audit chain"


_LOCAL: Final = frozenset({Duty.SEE_SIGNALS, Duty.SEE_RUNS, Duty.SEE_FACTS})

MAY: Final[Mapping[Role, frozenset[Duty]]] = {
    Role.DIRECTOR: _LOCAL
    | {
        Duty.SEE_PEOPLE,
        Duty.DECIDE,
        Duty.SEE_DELIVERIES,
        Duty.COLLECT_DELIVERIES,
        Duty.SIGN_AGREEMENTS,
        Duty.SEND_ON,
        Duty.TRACE,
        Duty.EXPORT,
        Duty.SEE_LOOKS,
        Duty.BREAK_GLASS,
        Duty.REVIEW_GLASS,
        Duty.SEE_OWN_DRAFT,
        Duty.RAISE_CONCERNS,
        Duty.HOLD_OWN,
    },
    Role.ANALYST: _LOCAL | {Duty.SEE_DELIVERIES, Duty.SEE_OWN_DRAFT, Duty.RAISE_CONCERNS},
    Role.TRACER: _LOCAL | {Duty.SEE_PEOPLE, Duty.SEND_ON, Duty.TRACE},
    Role.ENTRY: frozenset({Duty.ENTER_RESULTS}),
    Role.STEWARD: frozenset(
        {
            Duty.SEE_RUNS,
            Duty.RUN,
            Duty.GRANT,
            Duty.REGISTER_KEYS,
            Duty.OFFER_AGREEMENTS,
            Duty.SEE_ALL_DELIVERIES,
            Duty.SEE_USEFULNESS,
            Duty.PURGE,
            Duty.VERIFY_AUDIT,
        }
    ),
    Role.NATIONAL: frozenset(
        {
            Duty.SEE_USEFULNESS,
            Duty.SEE_ALL_SIGNALS,
            Duty.DECIDE_ESCALATED,
            Duty.SEE_ALL_DELIVERIES,
            Duty.SEE_RUNS,
            Duty.CHOOSE_THRESHOLDS,
            Duty.DECIDE_RELEASES,
            Duty.VERIFY_AUDIT,
            Duty.REVIEW_GLASS,
            Duty.SEE_ALL_GLASS,
        }
    ),
    Role.REVIEWER: frozenset({Duty.REVIEW_RELEASES, Duty.ANSWER_LONE_EXPORT, Duty.SEE_RUNS}),
    Role.AUDITOR: frozenset({Duty.SEE_ALL_LOOKS, Duty.SEE_ALL_GLASS, Duty.VERIFY_AUDIT, Duty.SEE_RUNS}),
    Role.BREAK_GLASS: frozenset(),
    Role.RECEIVER: frozenset({Duty.SEE_DELIVERIES, Duty.COLLECT_DELIVERIES}),
    Role.SYSTEM: frozenset(
        {
            Duty.RUN,
            Duty.GRANT,
            Duty.REGISTER_KEYS,
            Duty.OFFER_AGREEMENTS,
            Duty.SEE_ALL_DELIVERIES,
            Duty.PURGE,
            Duty.SEE_RUNS,
            Duty.VERIFY_AUDIT,
        }
    ),
}

LOCAL_ROLES: Final = frozenset({Role.DIRECTOR, Role.ANALYST, Role.TRACER, Role.ENTRY, Role.RECEIVER})
"""Roles that serve one authority and cannot be held without it."""

MACHINES: Final = frozenset({Role.RECEIVER, Role.SYSTEM, Role.BREAK_GLASS})
"""Roles that no person signs in with: of machines, and of a director while they read through break-glass."""

PURPOSES: Final[Mapping[Role, tuple[Purpose, ...]]] = {
    Role.DIRECTOR: (Purpose.OUTBREAK, Purpose.TRACING, Purpose.QUALITY, Purpose.DELIVERY),
    Role.ANALYST: (Purpose.OUTBREAK, Purpose.QUALITY),
    Role.TRACER: (Purpose.TRACING, Purpose.OUTBREAK),
    Role.ENTRY: (Purpose.QUALITY,),
    Role.STEWARD: (Purpose.DELIVERY, Purpose.QUALITY),
    Role.NATIONAL: (Purpose.OVERSIGHT,),
    Role.REVIEWER: (Purpose.RELEASE,),
    Role.AUDITOR: (Purpose.AUDIT,),
}
"""What each role may open the console for; one is said at every sign-in."""

SAID: Final[Mapping[Purpose, str]] = {
    Purpose.OUTBREAK: "Find and control outbreaks",
    Purpose.TRACING: "Trace contacts",
    Purpose.QUALITY: "Check and correct records",
    Purpose.DELIVERY: "Receive deliveries and look after agreements",
    Purpose.OVERSIGHT: "Oversee the nation's signals and deliveries",
    Purpose.RELEASE: "Review releases",
    Purpose.AUDIT: "Audit who looked at what",
}
"""The sentence of each purpose, as the sign-in page and the digest show it."""
