"""How often linkage is right: people of the made-up country met again, with the slips of desks and telephones."""

from dataclasses import dataclass, replace
from time import process_time
from typing import Any

import polars as pl

from bench.figures import Figure
from pumphandle.identity.descriptions import described
from pumphandle.identity.identifiers import valid
from pumphandle.identity.linkage import LINE_SCHEMA, PERSON_SCHEMA, link
from pumphandle.identity.scoring import Model, model
from pumphandle_town.retold import Slips, trial

TITLE = "Linkage: who is whom, where the identifier is missing or wrong"
CURVE = (0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)


@dataclass(frozen=True)
class Judged:
    """Of lines told again. linked, right, known : lines linked to somebody known, rightly so, and that should be."""

    linked: int
    right: int
    known: int

    @property
    def precision(self) -> float:
        return self.right / self.linked if self.linked else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.known if self.known else 1.0


def judge(people: int, met: int, slips: Slips, using: Model, *, seed: int = 1854) -> tuple[Judged, Judged, int]:
    """(all lines, lines without an identifier, pairs left in doubt)."""
    first, again = trial(people, met, seed=seed, slips=slips)
    name = pl.format("{}", pl.col("person"))
    known = described(first.with_columns(unique_id=name, person_key=name)).select(list(PERSON_SCHEMA))
    told: dict[str, Any] = {"record_key": pl.format("r{}", pl.col("person").cast(pl.String).str.zfill(10))}
    lines = described(
        again.with_columns(
            **told,
            version=pl.lit(1, pl.Int32),
            person_given=pl.lit(None, pl.String),
            previous=pl.lit(None, pl.String),
            national_id=valid("nhs_number_made_up", again["national_id"]),
        )
    )
    found = link(lines.select(list(LINE_SCHEMA)), known, known, population=people, using=using, key=b"k" * 32)
    both = found.keys.join(lines.select("record_key", "national_id", truth=name), on="record_key").with_columns(
        linked=pl.col("person_key").is_in(known["person_key"].implode()),
        should=pl.col("truth").is_in(known["person_key"].implode()),
    )
    return _count(both), _count(both.filter(pl.col("national_id").is_null())), found.possible.height


def _count(lines: pl.DataFrame) -> Judged:
    right = lines.filter(pl.col("person_key") == pl.col("truth")).height
    return Judged(lines.filter("linked").height, right, lines.filter("should").height)


def figures(*, quick: bool) -> list[Figure]:
    people, met = (60_000, 10_000) if quick else (1_000_000, 200_000)
    begun = process_time()
    every, without, doubt = judge(people, met, Slips(), model())
    seconds = process_time() - begun
    found = [
        Figure(f"lines told again, of {people:,} people", f"{every.known:,} about known people", "–"),
        Figure("precision, all lines", f"{every.precision:.5f}", "≥ 0.999", every.precision >= 0.999),
        Figure("recall, all lines", f"{every.recall:.4f}", "≥ 0.97", every.recall >= 0.97),
        Figure(
            "precision, lines without an identifier", f"{without.precision:.5f}", "≥ 0.999", without.precision >= 0.999
        ),
        Figure("recall, without an identifier", f"{without.recall:.4f}", "–"),
        Figure("pairs left for a person to decide", f"{doubt:,}", "–"),
        Figure("processor time", f"{seconds:.1f} s", "–"),
    ]
    for certain in CURVE:
        _, alone, waiting = judge(people, met, replace(Slips(), without=1.0), replace(model(), certain=certain))
        what = f"nobody has an identifier; certain from {certain:g} on"
        said = f"precision {alone.precision:.5f}, recall {alone.recall:.4f}, {waiting:,} in doubt"
        kept = alone.precision >= 0.999 and alone.recall >= 0.97 if certain == model().certain else None
        found.append(Figure(what, said, "≥ 0.999, ≥ 0.97" if kept is not None else "–", kept))
    return found
