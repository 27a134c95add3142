"""What was looked for, and what was found."""

from enum import StrEnum


class Pathogen(StrEnum):
    """Codes that a feed contract maps a laboratory's own codes to."""

    SARS_COV_2 = "sars_cov_2"


class TestResult(StrEnum):
    """A code unknown to the feed contract is none of these: it goes to quarantine."""

    __test__ = False  # not a test case, whatever its name suggests to pytest

    POSITIVE = "positive"
    NEGATIVE = "negative"
    VOID = "void"
