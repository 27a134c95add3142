"""Each branch of errors has one exit code, so that a timer knows what happened without a log."""

from typing import Final

from pumphandle.vocabulary.errors import Broken, NotFound, NotUnderstood, PumphandleError, Refused

EXIT_CODES: Final[tuple[tuple[type[PumphandleError], int], ...]] = (
    (NotUnderstood, 3),
    (Refused, 4),
    (NotFound, 5),
    (Broken, 6),
)


def exit_code(failure: PumphandleError) -> int:
    return next((code for kind, code in EXIT_CODES if isinstance(failure, kind)), 1)
