"""The numbers that people choose: name, meaning, bounds and the value the house starts with."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from pumphandle.vocabulary.errors import Refused

FIRST_CHOOSER: Final = "Pumphandle's authors"
"""Who stands behind version 1, until somebody with the duty chooses."""


@dataclass(frozen=True)
class Threshold:
    """One version of one number. Versions are only ever added."""

    name: str
    version: int
    value: int
    chooser: str
    chosen_on: date
    reason: str


@dataclass(frozen=True)
class Default:
    """A number before anybody chose: `least` and `most` are what the methods can stand, both included.

    value : None where nobody but the nation can say it: until it is chosen, what needs it refuses
    """

    name: str
    value: int | None
    least: int
    most: int
    meaning: str
    reason: str


DEFAULTS: Final = (
    Default(
        name="k_persons",
        value=5,
        least=3,
        most=100,
        meaning="Persons that a published block must hold.",
        reason="England published no count below 3, OpenSAFELY none below 8, Washington State none below 10: 5 with "
        "two households is stricter than the first and keeps neighbourhoods visible.",
    ),
    Default(
        name="h_households",
        value=2,
        least=1,
        most=20,
        meaning="Households that a published block must hold.",
        reason="A block from one household would be a statement about one family.",
    ),
    Default(
        name="population_floor",
        value=500,
        least=100,
        most=50_000,
        meaning="Residents below which small areas are published together with a neighbour.",
        reason="About half the least population of an English lower super output area (1,000).",
    ),
    Default(
        name="noisy_budget",
        value=1_000,
        least=1,
        most=10_000,
        meaning="Thousandths of epsilon that noisy products may spend, all together and for ever, on the records of "
        "any one day of arrival.",
        reason="At 1 nothing published with noise makes anything about one record more than e = 2.7 times as likely.",
    ),
    Default(
        name="pool_days",
        value=28,
        least=7,
        most=365,
        meaning="Days after which a district's open windows close together with one number.",
        reason="Four weeks: long enough for most neighbourhoods to get a number of their own in an ordinary season, "
        "short enough that no result waits for ever in a quiet one.",
    ),
    Default(
        name="rest_percent",
        value=10,
        least=0,
        most=50,
        meaning="Of 100 days, those on which a district's own window rests by lot and does not close, so that nobody "
        "can conclude why one did not; 0: that one waited tells that somebody waits in a neighbourhood.",
        reason="In every history of a small district, one who replays the whole program places nobody; without lots "
        "three small counts in ten. One day in ten: rare, and always possible.",
    ),
    Default(
        name="episode_days",
        value=90,
        least=1,
        most=365,
        meaning="Days from an episode's first positive during which further positives of the person belong to it.",
        reason="The window that UKHSA used from January 2022 to tell a reinfection from a lasting one.",
    ),
    Default(
        name="false_alarms_in_100_weeks",
        value=25,
        least=1,
        most=1_000,
        meaning="Signals that chance alone may raise in one authority in 100 weeks, all methods and places together.",
        reason="One in four weeks: a director who reads every signal loses an hour a month to chance. Measured on "
        "quiet made-up seasons: python -m bench power.",
    ),
    Default(
        name="signal_act_hours",
        value=48,
        least=1,
        most=336,
        meaning="Hours in which somebody takes up, dismisses or declares a raised cluster before it goes to the "
        "national centre.",
        reason="Two days: Leicester's rise took six to be agreed on.",
    ),
    Default(
        name="cluster_window_days",
        value=14,
        least=3,
        most=56,
        meaning="Days for which a cluster that is no longer found is still followed, and not raised again.",
        reason="Two incubation periods of most respiratory infections.",
    ),
    Default(
        name="largest_household_percent",
        value=100,
        least=10,
        most=100,
        meaning="Share of a signal's cases at one address above which nobody is told; 100 tells of all.",
        reason="An outbreak in a care home is to be acted on; New York's rule of 2020 left out what was mostly one "
        "household or institution.",
    ),
    Default(
        name="detection_baseline_days",
        value=28,
        least=14,
        most=365,
        meaning="Days before the window from which the expected positives are learnt.",
        reason="Four whole weeks: every weekday four times, and recent enough to follow the season.",
    ),
    Default(
        name="notice_hours",
        value=24,
        least=0,
        most=168,
        meaning="Hours during which councils see their own areas' part of a release before it goes out.",
        reason="The length of pre-release access that England's statistics office lists for its own releases; long "
        "enough for one working morning, short enough for a daily release.",
    ),
    Default(
        name="council_hold_hours",
        value=72,
        least=1,
        most=336,
        meaning="Hours that a council may hold numbers of its own areas by itself.",
        reason="Three days: over a weekend, and not long enough to keep a number away.",
    ),
    Default(
        name="concern_answer_hours",
        value=24,
        least=1,
        most=168,
        meaning="Hours until a concern is acknowledged, and for each other short step; then it goes to the next desk.",
        reason="Leicester waited six days for an answer in June 2020; a working day is enough to say who has it.",
    ),
    Default(
        name="concern_decision_hours",
        value=72,
        least=1,
        most=336,
        meaning="Hours until a concern that is being looked into is decided, and until what was upheld is put right.",
        reason="As long as a council's own hold, so that the decision is there when the hold ends.",
    ),
    Default(
        name="detection_window_days",
        value=7,
        least=1,
        most=28,
        meaning="Days in which observed positives are compared with the expected.",
        reason="One whole week, so that no weekday is missing or counted twice.",
    ),
    Default(
        name="link_days",
        value=14,
        least=1,
        most=60,
        meaning="Longest time between two cases of one household, building or setting that are linked.",
        reason="The time from infection to illness was at most 14 days for nearly all cases known in 2020; contacts "
        "were asked to isolate for as long.",
    ),
    Default(
        name="same_place_days",
        value=7,
        least=1,
        most=28,
        meaning="Longest time between two cases who were at the same postcode and kind of place and are linked.",
        reason="England's rule of 2020–21: a quarter of such clusters were confirmed by genome (Packer et al. 2024).",
    ),
    Default(
        name="quiet_days",
        value=7,
        least=1,
        most=28,
        meaning="Days without a new case after which a set of linked cases is closing.",
        reason="One whole week, so that a weekend without tests does not end a set.",
    ),
    Default(
        name="reach_hours",
        value=24,
        least=1,
        most=168,
        meaning="Hours in which somebody must have spoken to a contact after a case named them.",
        reason="The shorter of the two times, 24 and 48 hours, by which tracing is measured.",
    ),
    Default(
        name="check_hours",
        value=24,
        least=1,
        most=168,
        meaning="Hours until a contact who isolates, is ill or waits for a result is asked again.",
        reason="Once a day: an illness that begins today should be known by tomorrow.",
    ),
    Default(
        name="isolation_days",
        value=14,
        least=1,
        most=28,
        meaning="Days after the last contact for which a contact stays at home.",
        reason="What contacts in England were asked for in July 2020.",
    ),
    Default(
        name="contact_keep_days",
        value=28,
        least=7,
        most=3_660,
        meaning="Days after the end of a follow-up for which it is kept who the contact was and what they said.",
        reason="Two isolations: whoever falls ill late is still known; who did not has no longer to be.",
    ),
    Default(
        name="glass_hours",
        value=12,
        least=1,
        most=72,
        meaning="Hours for which one break-glass may be opened at most.",
        reason="One long shift: an emergency that lasts longer is opened again, and told to the owner again.",
    ),
    Default(
        name="glass_review_days",
        value=3,
        least=1,
        most=14,
        meaning="Days from its opening until somebody else has said whether a break-glass was justified.",
        reason="Over a weekend, and while those who were there still remember why.",
    ),
    Default(
        name="unplaced_keep_days",
        value=None,
        least=28,
        most=3_660,
        meaning="Days after the specimen for which a record without a place is kept; it belongs to no agreement.",
        reason="How long a nation keeps what no authority answers for is for its law to say, and not for a program.",
    ),
)


def default(name: str) -> Default:
    """Raises Refused for a name that no rule knows."""
    for candidate in DEFAULTS:
        if candidate.name == name:
            return candidate
    raise Refused(f"No rule knows a threshold named {name}.")


def check_value(name: str, value: int) -> None:
    """Silence, or a refusal that names the bounds."""
    known = default(name)
    if not known.least <= value <= known.most:
        raise Refused(f"{name} must lie between {known.least} and {known.most}, both included.")


def check_reason(chooser: str, reason: str) -> None:
    """A number without a person and a reason behind it is refused."""
    if not chooser.strip() or not reason.strip():
        raise Refused("A threshold needs the name of its chooser and the reason.")
