"""Which past a count is compared with, and how a threshold is drawn from it."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from pumphandle.vocabulary.errors import NotUnderstood

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """The same season of earlier years.

    years      : how many years back
    half_width : periods on each side of the same period in earlier years; they form the last group of rows
    periods    : groups that a year is cut into, that one included; 1 = only those windows
    left_out   : latest periods left out, that an outbreak under way may not raise its own threshold
    year       : periods in a year: 52 weeks, 365 days (364 keeps the weekday)
    """

    years: int = 5
    half_width: int = 3
    periods: int = 10
    left_out: int = 26
    year: int = 52


@dataclass(frozen=True)
class Rule:
    """How a threshold is drawn.

    alpha          : chance that an ordinary count lies above the threshold
    trend, trend_p : whether a slope is fitted, and the p-value below which it is kept (1 = always)
    reweight       : whether past outbreaks are weighed down
    outlier        : the standardised Anscombe residual above which a past count is
    method         : "nb" negative binomial about the expectation (surveillance: nbPlugin), "nb upper" about its upper
                     limit (muan), "power" normal after the power transformation `power` (delta)
    fewest         : (cases, periods): below so many cases in so many latest periods there is no threshold
    compatible     : standard errors after reweighting as R's surveillance has them; False = by the textbook
    """

    alpha: float = 0.005
    trend: bool = True
    trend_p: float = 1.0
    reweight: bool = True
    outlier: float = 2.58
    method: Literal["nb", "nb upper", "power"] = "nb"
    power: Literal["none", "1/2", "2/3"] = "2/3"
    fewest: tuple[int, int] = (5, 4)
    compatible: bool = True


WEEKLY: Final = Window()
DAILY: Final = Window(half_width=21, left_out=182, year=365)
FLEXIBLE: Final = Rule()
ORIGINAL_WINDOW: Final = Window(periods=1, left_out=3)
ORIGINAL: Final = Rule(alpha=0.05, trend_p=0.05, outlier=1.0, method="power")


def rows(window: Window, *, now: int, times: int) -> tuple[Places, Places]:
    """Times before `now` that form the baseline, in order, and the group of each (0 .. window.periods - 1).

    Between two windows the year is cut into window.periods - 1 blocks whose lengths differ by at most one, the longer
    ones first. Raises NotUnderstood for a window that does not fit the series or itself.
    Source: Noufaily et al. 2013, Stat Med 32:1206, 3.1 (a ten-level season).
    """
    check(window)
    half, year, last = window.half_width, window.year, window.periods - 1
    first = now - window.years * year - half
    if not 0 <= now < times:
        raise NotUnderstood(f"Time {now} is not one of the series' {times} times.")
    if first < 0:
        need = window.years * year + half + 1
        raise NotUnderstood(f"The window needs {need} times up to the one judged; there are {now + 1}.")
    group = np.full(now + 1, -1, dtype=np.int64)
    for back in range(1, window.years + 1):
        same = now - back * year
        if last:
            between = np.arange(same + half + 1, same + year - half)
            group[between] = _blocks(len(between), last)
        group[same - half : same + half + 1] = last
    group[now - half :] = last
    group[max(now - window.left_out, 0) :] = -1
    past = np.flatnonzero(group >= 0)
    return past, group[past]


def check(window: Window) -> None:
    """Whether the window fits itself."""
    if window.years < 1 or window.half_width < 0 or window.periods < 1 or window.left_out < 0:
        raise NotUnderstood("A window needs at least one year and one period, and no negative width.")
    if window.year - 2 * window.half_width - 1 < window.periods - 1:
        raise NotUnderstood(f"A year of {window.year} cannot be cut into {window.periods} periods around its window.")
    if window.left_out >= window.year * window.years - window.half_width:
        raise NotUnderstood("The periods left out cover the whole window that should be compared with.")


def _blocks(length: int, count: int) -> Places:
    short, longer = divmod(length, count)
    return np.repeat(np.arange(count), [short + (block < longer) for block in range(count)])
