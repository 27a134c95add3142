"""What people chose, and what a look costs."""

from dataclasses import dataclass

from pumphandle.detection.daily.finding import SHARES, Level, Method
from pumphandle.vocabulary.errors import NotUnderstood


@dataclass(frozen=True)
class Settings:
    """One look's settings; all stand in the pin of its signals.

    false_alarms : findings a week in one authority that chance alone may raise to signals, all methods together
    window_days, baseline_days : of exceedance
    replicates, most_replicates : drawn always; drawn where a finding lies near the threshold
    seed : replicates are the same for the same seed, data and place
    """

    false_alarms: float
    window_days: int = 7
    baseline_days: int = 28
    replicates: int = 99
    most_replicates: int = 299
    seed: int = 1854

    def __post_init__(self) -> None:
        if not self.false_alarms > 0:
            raise NotUnderstood("The false alarms that are allowed a week must be more than none.")
        if min(self.window_days, self.baseline_days) < 1 or self.replicates < 19:
            raise NotUnderstood("Windows have at least one day, and a look draws at least 19 replicates.")

    def allowed(self, method: Method, level: Level, *, seen: frozenset[Level]) -> float:
        """The method's part of the false alarms; seen : levels that this morning's data know of."""
        active = sum(share for (_, one), share in SHARES.items() if one in seen)
        return self.false_alarms * SHARES[method, level] / active
