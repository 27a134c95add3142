"""What is counted, and for which groups of people."""

from enum import StrEnum
from typing import Final


class Measure(StrEnum):
    """Every aggregate is a sum of signed increments of one of these."""

    TESTS = "tests"
    POSITIVES = "positives"
    CASES = "cases"


AGE_BANDS: Final = ("0-4", "5-11", "12-17", "18-24", "25-44", "45-64", "65-79", "80+", "unknown")
"""Bands of age at the specimen date, in whole years."""

AGE_BAND_STARTS: Final = (0, 5, 12, 18, 25, 45, 65, 80)
"""First age of each band but the last, which has no age."""

SEXES: Final = ("female", "male", "other", "unknown")
