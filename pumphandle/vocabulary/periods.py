"""Days: three different days of one result, never to be mixed."""

from datetime import date
from typing import NewType

SpecimenDate = NewType("SpecimenDate", date)
"""The day on which the specimen was taken."""
ReportDate = NewType("ReportDate", date)
"""The day on which the result first counted here: the arrival batch."""
