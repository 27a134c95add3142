"""A record in the wrong place: why it is said not to be theirs, and what may be said."""

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


def check_sent_to(to: str, *, own: str, refused_before: bool) -> None:
    """Raises Refused for one's own authority, and for one that has said itself that the record is not theirs."""
    if to == own:
        raise Refused("Choose the authority that the person belongs to: it cannot be your own.")
    if refused_before:
        raise Refused(
            "That authority has said already that this record is not theirs. Nothing was sent: ask a steward, who can "
            "place it."
        )
