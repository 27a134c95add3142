"""What a visitor is told when something goes wrong: one table from error to status, used by both front doors.

A message of our own Refused, NotUnderstood and NotFound may be shown: they hold no personal data. Anything else becomes
a fixed sentence with a reference number, because a foreign exception can quote a name or a postcode.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException

from pumphandle.vocabulary.errors import (
    BadParameter,
    Broken,
    DatabaseMissing,
    NotFound,
    NotPermitted,
    NotUnderstood,
    PumphandleError,
    Refused,
    places,
)

WebRequest = Request[Any, Any, Any]
"""A request of either door; what a session holds is the door's own affair."""

STATUS: Final[tuple[tuple[type[PumphandleError], int], ...]] = (
    (NotPermitted, 403),
    (Refused, 409),
    (NotUnderstood, 400),
    (NotFound, 404),
    (DatabaseMissing, 503),
    (Broken, 500),
)
"""First match wins, so a kind stands above its parent."""

_TITLES: Final = {
    400: "That could not be understood",
    403: "Not permitted",
    404: "Not found",
    405: "That address does not do that",
    409: "Refused",
    413: "Too large",
    429: "Too many requests",
    500: "Something failed on our side",
    503: "Not available just now",
}
_SENTENCES: Final = {
    400: "Something in the request is missing or not in a form we can read.",
    404: "There is nothing at this address, or it is not yours to see.",
    405: "This address cannot be used in that way.",
    413: "What was sent is larger than this address takes.",
    429: "Please wait a little and try again.",
    500: "Nothing was changed. If it happens again, report the reference number below.",
    503: "The database does not answer. Please try again in a minute.",
}
_LOG: Final = logging.getLogger("pumphandle.web")


@dataclass(frozen=True)
class Fault:
    """What a page or a JSON body may say.

    reference : set where the log holds more than the page
    parameter, allowed : set where one parameter of the address is wrong: its name, and what it may be
    """

    status: int
    title: str
    sentence: str
    reference: str | None = None
    parameter: str | None = None
    allowed: str | None = None


def fault_of(error: Exception, *, reference: str) -> Fault:
    """The one way from an error to an answer; unknown errors are 500."""
    if isinstance(error, HTTPException):
        return _fixed(error.status_code, reference)
    if isinstance(error, BadParameter):
        return Fault(400, _TITLES[400], str(error), parameter=error.parameter, allowed=error.allowed)
    for kind, status in STATUS:
        if isinstance(error, kind):
            return _fixed(status, reference) if status >= 500 else Fault(status, _TITLES[status], str(error))
    return _fixed(500, reference)


def exception_handlers(
    draw: Callable[[WebRequest, Fault], Response[Any]],
) -> dict[int | type[Exception], Callable[[WebRequest, Any], Response[Any]]]:
    """For Litestar(exception_handlers=...). `draw` turns a Fault into the door's own page or JSON."""

    def answer(request: WebRequest, error: Exception) -> Response[Any]:
        fault = fault_of(error, reference=secrets.token_hex(4))
        if fault.reference is not None:
            _LOG.error("%s %s at %s", fault.reference, type(error).__name__, places(error))
        return draw(request, fault)

    return {Exception: answer, HTTPException: answer}


def _fixed(status: int, reference: str) -> Fault:
    known = status if status in _TITLES else (400 if status < 500 else 500)
    sentence = _SENTENCES.get(known, "The rules do not allow this.")
    return Fault(status, _TITLES[known], sentence, reference if known >= 500 else None)
