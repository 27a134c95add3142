"""What two parties sign before records are shared: its states, who takes which step, and what its terms allow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from pumphandle.vocabulary.errors import Refused


class AgreementState(StrEnum):
    """Records flow in ACTIVE and in no other. Counts flow in every one, and without any agreement."""

    OFFERED = "OFFERED"
    NAMED_USER_PROPOSED = "NAMED_USER_PROPOSED"
    SIGNED = "SIGNED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    EXPIRED = "EXPIRED"


class Side(StrEnum):
    """Who takes a step: the authority, the nation's stewards, or the clock."""

    AUTHORITY = "authority"
    NATION = "nation"
    CLOCK = "clock"


@dataclass(frozen=True)
class Step:
    """sources : states from which it can be taken; () is an authority without any agreement"""

    name: str
    sources: tuple[AgreementState, ...]
    target: AgreementState
    sides: tuple[Side, ...]
    sentence: str


_S: Final = AgreementState

STEPS: Final = (
    Step("offer", (_S.EXPIRED,), _S.OFFERED, (Side.NATION,), "Terms are offered."),
    Step("name_user", (_S.OFFERED,), _S.NAMED_USER_PROPOSED, (Side.AUTHORITY,), "A person is named who will receive."),
    Step("sign", (_S.NAMED_USER_PROPOSED,), _S.SIGNED, (Side.AUTHORITY,), "The authority signs."),
    Step("activate", (_S.SIGNED,), _S.ACTIVE, (Side.NATION,), "Records flow from the next delivery on."),
    Step(
        "activate_in_emergency",
        (_S.OFFERED, _S.NAMED_USER_PROPOSED),
        _S.ACTIVE,
        (Side.NATION,),
        "Records flow under a statutory notice; the signature follows by a day that is named.",
    ),
    Step("sign_afterwards", (_S.ACTIVE,), _S.ACTIVE, (Side.AUTHORITY,), "What a notice began is signed."),
    Step("suspend", (_S.ACTIVE,), _S.SUSPENDED, (Side.NATION, Side.AUTHORITY, Side.CLOCK), "Records stop at once."),
    Step("resume", (_S.SUSPENDED,), _S.ACTIVE, (Side.NATION,), "Records flow again, those missed too."),
    Step(
        "expire",
        (_S.OFFERED, _S.NAMED_USER_PROPOSED, _S.SIGNED, _S.ACTIVE, _S.SUSPENDED),
        _S.EXPIRED,
        (Side.CLOCK,),
        "The last day has passed, or the authority has left.",
    ),
)
"""The whole table: what does not stand here is refused. docs/reference/agreements.md is drawn from it."""

CLOCKS: Final[Mapping[AgreementState, timedelta]] = {
    AgreementState.OFFERED: timedelta(hours=24),
    AgreementState.NAMED_USER_PROPOSED: timedelta(hours=24),
    AgreementState.SIGNED: timedelta(hours=24),
}
"""How long a state may last before both sides see it as overdue. In June 2020 it was two days and a lost week."""

IDENTITY: Final = (
    "national_id",
    "family_name",
    "given_name",
    "date_of_birth",
    "address",
    "phone",
    "workplace",
    "workplace_postcode",
)
"""Fields that point at a person by themselves."""

FACTS: Final = (
    "specimen_id",
    "laboratory",
    "sex",
    "postcode",
    "small_area",
    "test_site",
    "test_site_postcode",
    "setting_kind",
)
"""Fields that describe the specimen and the neighbourhood, and may be withheld."""

ALWAYS: Final = ("specimen_date", "report_date", "pathogen", "result")
"""Without these a record says nothing, so every agreement allows them."""

FIELDS: Final = (*IDENTITY, *FACTS, *ALWAYS)
"""Everything that terms may allow. A record's key and what happened to it go with every record."""

LONGEST_RETENTION: Final = 20 * 366
"""Days; England's notice of May 2020 kept cases for 20 years."""


@dataclass(frozen=True)
class Terms:
    """fields : of FIELDS, in any order; retention_days : after the specimen date; expires_on : the last day"""

    fields: tuple[str, ...]
    purpose: str
    legal_basis: str
    retention_days: int
    expires_on: date


def check_terms(terms: Terms, *, today: date) -> None:
    """Silence, or a refusal that says which term and why."""
    unknown = sorted(set(terms.fields) - set(FIELDS))
    if unknown:
        raise Refused(f"An agreement cannot allow {', '.join(unknown)}: no record has such a field.")
    missing = sorted(set(ALWAYS) - set(terms.fields))
    if missing:
        raise Refused(f"Without {', '.join(missing)} a record says nothing: counts need no agreement.")
    if not terms.purpose.strip() or not terms.legal_basis.strip():
        raise Refused("An agreement needs its purpose and its legal basis.")
    if not 1 <= terms.retention_days <= LONGEST_RETENTION:
        raise Refused(f"Records are kept between 1 and {LONGEST_RETENTION:,} days.")
    if terms.expires_on <= today:
        raise Refused("An agreement must end later than today.")


def step_from(state: AgreementState | None, name: str, *, side: Side) -> Step:
    """The step of that name, if it can be taken from here by this side. Raises Refused, saying what can."""
    for step in STEPS:
        if step.name == name:
            if state not in step.sources and not (state is None and name == "offer"):
                here = "there is no agreement yet" if state is None else f"the agreement is {state}"
                raise Refused(f"{name.replace('_', ' ')} is not possible while {here}.")
            if side not in step.sides:
                raise Refused(f"{name.replace('_', ' ')} is not a step of the {side}.")
            return step
    raise Refused(f"An agreement knows no step named {name}.")


def overdue(state: AgreementState, *, since: datetime, at: datetime) -> bool:
    """Whether this state has lasted longer than its clock allows."""
    return state in CLOCKS and at - since > CLOCKS[state]


def diagram() -> str:
    """The table of steps as a Mermaid state diagram, one line a step."""
    lines = ["stateDiagram-v2", "    [*] --> OFFERED: offer"]
    for step in STEPS:
        lines += [f"    {source} --> {step.target}: {step.name}" for source in step.sources]
    return "\n".join(lines)


def as_markdown() -> str:
    """docs/reference/agreements.md; a test compares it with the file."""
    lines = [
        "# Agreements: states and steps",
        "",
        "Made from `pumphandle/governance/agreements.py` by `just docs`. What is not in the table is refused.",
        "",
        "```mermaid",
        diagram(),
        "```",
        "",
        "| step | from | to | taken by | what it means |",
        "|---|---|---|---|---|",
    ]
    for step in STEPS:
        sources = ", ".join(step.sources) + (" or none" if step.name == "offer" else "")
        lines.append(f"| {step.name} | {sources} | {step.target} | {', '.join(step.sides)} | {step.sentence} |")
    lines += ["", "| state | overdue after |", "|---|---|"]
    lines += [f"| {state} | {clock.total_seconds() / 3600:g} hours |" for state, clock in CLOCKS.items()]
    lines += ["", "Fields that terms may allow: " + ", ".join(f"`{field}`" for field in FIELDS) + "."]
    return "\n".join(lines) + "\n"
