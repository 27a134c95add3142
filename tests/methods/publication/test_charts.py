"""What a chart says under its axis can be read: no name lies over the next, none is cut off."""

from datetime import date

import pytest

from pumphandle.publication import charts
from pumphandle.publication.pictures import Frame
from pumphandle.publication.wording import words

LETTER = 6.6
"""Width of a letter at twelve pixels, on average and generously."""


@pytest.mark.parametrize("language", ["en", "cy"])
@pytest.mark.parametrize("days", [10, 45, 61, 63, 200, 400])
@pytest.mark.parametrize(("left", "width"), [(52, 698), (40, 300)])
def test_names_of_months_lie_apart(language: str, days: int, left: int, width: int) -> None:
    first = date(2020, 3, 1).toordinal()
    frame = Frame(left, 0, width, 100, first, first + days - 1, 1)
    marks = charts._months(frame, words(language))  # pyright: ignore[reportPrivateUsage]
    assert marks
    ends = [mark.at + LETTER * len(mark.text) for mark in marks]
    assert all(end <= after.at for end, after in zip(ends, marks[1:], strict=False))
    assert ends[-1] <= left + width + charts.RIGHT
