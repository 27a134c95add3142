"""A record in the wrong place: why it is said not to be theirs, and what may be said."""

from datetime import datetime
from enum import StrEnum

from pumphandle.vocabulary.errors import NotUnderstood, Refused


class WhyNotOurs(StrEnum):
    """Coded: nothing that somebody types about a person leaves their authority with the record."""

    ELSEWHERE = "lives elsewhere"
    MOVED = "moved away"
    POSTCODE = "postcode mistaken"
    INSTITUTION = "an institution's address"


def why(text: str) -> WhyNotOurs:
    """Raises NotUnderstood."""
    try:
        return WhyNotOurs(text)
    except ValueError:
        raise NotUnderstood(f"Choose why it is not yours: {', '.join(WhyNotOurs)}.") from None


def check_sent_to(to: str, *, own: str) -> None:
    """Raises Refused for one's own authority."""
    if to == own:
        raise Refused("Choose the authority that the person belongs to: it cannot be your own.")


def check_first_word(said_at: datetime | None) -> None:
    """Raises Refused for who has said so before: what came back all the same is a steward's."""
    if said_at is not None:
        raise Refused(
            f"Your authority said already on {said_at:%Y-%m-%d} that this record is not of its residents. "
            "Nothing was sent again: if it came back, ask a steward of the national centre, who can place it."
        )
