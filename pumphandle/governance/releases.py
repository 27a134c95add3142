"""A day's release on its way to the public: its states, what the gate asks for, and when it may go out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pumphandle.governance.lifecycle import Lifecycle, Move
from pumphandle.vocabulary.errors import Broken, NotPermitted, Refused

MACHINE: Final = "the machine"
REVIEWERS: Final = 2
"""Votes that a review needs, of people who did not make the draft and did not see each other's vote."""

RELEASE: Final = Lifecycle(
    "release",
    {
        "DRAFT": "Planned; the attacker has not tried it yet.",
        "GATED": "The attacker found nothing; the gate said pass, or review with its reasons.",
        "NOTICE": "Councils see their own areas' part, and nobody else sees any of it.",
        "HELD": "The notice is over and something is open: a review, or a hold on the whole of it.",
        "PUBLISHED": "Out. It never changes.",
        "SUPERSEDED": "Never went out; its windows stayed open and went on into a later release.",
        "RECALLED": "Taken back as a whole: each of its numbers says RECALLED.",
    },
    (
        Move("pass the gate", "DRAFT", "GATED", "the attacker and the gate"),
        Move("give notice", "GATED", "NOTICE", MACHINE),
        Move("publish", "NOTICE", "PUBLISHED", "the clock, if nothing is open"),
        Move("hold", "NOTICE", "HELD", "the clock, if something is open"),
        Move("publish", "HELD", "PUBLISHED", "two reviewers, or the end of the hold"),
        Move("supersede", "NOTICE", "SUPERSEDED", "the next day's run"),
        Move("supersede", "HELD", "SUPERSEDED", "the next day's run"),
        Move("recall", "PUBLISHED", "RECALLED", "a decision with its reason"),
    ),
)


class Gate(StrEnum):
    """What the gate says of a draft that the attacker let through; a draft that it did not is refused, not gated."""

    PASS = "pass"
    REVIEW = "review"


class Vote(StrEnum):
    """One reviewer's answer."""

    RELEASE = "release"
    RETURN = "return"


@dataclass(frozen=True)
class Draft:
    """What the gate looks at. Counts only; `before`: the same of the last published release, None before the first.

    rule_versions : threshold name -> version that the draft was planned with
    nodes         : digest of which small areas are published together
    withdrawn     : persons in blocks of withdrawn results
    value         : persons in all blocks
    held          : windows that could have closed and wait for the others' sake
    """

    blocks: int
    value: int
    withdrawn: int
    held: int
    rule_versions: Mapping[str, int]
    nodes: str


WITHDRAWN_SHARE: Final = 0.05
"""Withdrawn results beyond this share of the day's numbers are looked at: a laboratory may have sent a wrong file."""


def gate(draft: Draft, before: Draft | None) -> tuple[Gate, tuple[str, ...]]:
    """Pass, or review with its reasons in words.

    A rise or a fall is no reason: numbers jump on every Monday and in every wave, and a draft that nobody reviewed
    would wait with ever more days in it. Files that cannot be right are noticed where they come in (linelist.watching).
    """
    if before is None:
        return Gate.PASS, ()
    reasons: list[str] = []
    if dict(draft.rule_versions) != dict(before.rule_versions):
        changed = sorted(
            name
            for name in {*draft.rule_versions, *before.rule_versions}
            if draft.rule_versions.get(name) != before.rule_versions.get(name)
        )
        reasons.append(f"the protection rule changed since the last release ({', '.join(changed)})")
    if draft.nodes != before.nodes:
        reasons.append("which areas are published together has changed since the last release")
    if draft.withdrawn > WITHDRAWN_SHARE * draft.value:
        reasons.append(f"withdrawn results are more than {WITHDRAWN_SHARE:.0%} of the day's numbers")
    return (Gate.REVIEW, tuple(reasons)) if reasons else (Gate.PASS, ())


def notice_until(made_at: datetime, notice_hours: int) -> datetime:
    """When councils' private look ends."""
    return made_at + timedelta(hours=notice_hours)


def review_complete(votes: Sequence[Vote]) -> bool:
    """Two votes to release. One to return is enough to keep it back until the next day's run takes its windows on."""
    return len(votes) >= REVIEWERS and all(vote is Vote.RELEASE for vote in votes)


def may_go_out(gate_said: Gate, votes: Sequence[Vote], *, held_whole: bool) -> bool:
    """Automatic when the gate passed and nothing holds the whole; a review needs its two votes."""
    return not held_whole and (gate_said is Gate.PASS or review_complete(votes))


def check_can_vote(
    reviewer: str, *, author: str, voted: Sequence[str], state: str, gate_said: Gate, reason: str
) -> None:
    """Anyone may review now whom the policy lets, but the author, and each once.

    reviewer, author, voted : persons, not names of accounts
    """
    if gate_said is not Gate.REVIEW:
        raise Refused("The gate asked for no review of this release.")
    if state not in ("NOTICE", "HELD"):
        raise Refused(f"A release that is {state} is not under review.")
    if reviewer == author:
        raise NotPermitted("Who made a release does not review it.")
    if reviewer in voted:
        raise Refused("Each reviewer votes once.")
    if len(voted) >= REVIEWERS:
        raise Refused("This review has its two votes.")
    if not reason.strip():
        raise Refused("A vote needs its reason.")


def others_votes_shown(voted: Sequence[str]) -> bool:
    """Blind until both have voted; a reviewer always sees their own vote."""
    if len(set(voted)) < len(voted):
        raise Broken("A reviewer has voted twice.")
    return len(voted) >= REVIEWERS
