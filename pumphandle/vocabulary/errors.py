"""The one tree of errors: everything raised by this house is one of four branches."""

import traceback


def places(failure: BaseException) -> str:
    """Where it happened, without what was said: messages and values can hold a person's data."""
    frames = traceback.extract_tb(failure.__traceback__)
    return " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames[-6:])


class PumphandleError(Exception):
    """Root. Messages hold no personal data: they may reach a log or a page."""


class Refused(PumphandleError):
    """The rules say no."""


class NotPermitted(Refused):
    """This person may not do this."""


class NoThresholdSet(Refused):
    """A number that people must choose has not been chosen."""


class BudgetSpent(Refused):
    """What may be said with noise about some days' records has been said."""


class NotUnderstood(PumphandleError):
    """What came in is wrong; the message names file, line, field and remedy where they are known."""


class BadFile(NotUnderstood):
    """A whole file is refused.

    file   : its name, without folder
    code   : stable code, as in docs/reference/refusals.md
    line   : first line concerned, from 1, or None
    field  : column concerned, or None
    remedy : what the sender can do
    """

    def __init__(
        self,
        what: str,
        *,
        file: str,
        code: str,
        remedy: str,
        line: int | None = None,
        field: str | None = None,
    ) -> None:
        self.file, self.code, self.remedy, self.line, self.field = file, code, remedy, line, field
        self.what = what
        place = file + (f", line {line}" if line is not None else "")
        place += f", field {field}" if field is not None else ""
        super().__init__(f"{place}: {what} [{code}]. {remedy}")


class BadParameter(NotUnderstood):
    """A parameter of an address cannot be read. The message names it and what it may be, never what was given.

    parameter : its name, as the address spells it, or what stands for an unknown one
    allowed   : what it may be, in words that end a sentence
    """

    def __init__(self, parameter: str, allowed: str) -> None:
        self.parameter, self.allowed = parameter, allowed
        super().__init__(f"{parameter} must be {allowed}.")


class BadDescription(NotUnderstood):
    """A nation, feed or setting is described wrongly."""


class NotFound(PumphandleError):
    """What was asked for does not exist."""


class Broken(PumphandleError):
    """Our own promise failed; the deed stops and nothing it did is kept."""


class LinesUnaccounted(Broken):
    """Lines in differ from accepted + quarantined + duplicates + superseded."""


class LedgerBroken(Broken):
    """The release ledger contradicts itself or its hash chain does not hold."""


class CertificateRefused(Broken):
    """The attacker found something; the release does not go out."""


class DatabaseMissing(Broken):
    """No PostgreSQL could be reached or started."""
