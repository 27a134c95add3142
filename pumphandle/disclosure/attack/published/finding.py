"""What an attack found, as counts of counts."""

from dataclasses import dataclass

AREA, PERIOD, VALUE, PARENT, RELEASE = "area", "period", "value", "parent", "release"


@dataclass(frozen=True)
class Finding:
    """One attack and what it found: figures in reading order, and one sentence."""

    attack: str
    figures: tuple[tuple[str, int], ...]
    sentence: str

    def as_data(self) -> dict[str, object]:
        return {"attack": self.attack, "figures": dict(self.figures), "sentence": self.sentence}

    def __getitem__(self, name: str) -> int:
        return dict(self.figures)[name]
