"""What cannot be attacked because it cannot be: each refused by name before anything is published."""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date

import polars as pl

from pumphandle.vocabulary.errors import LedgerBroken, NotUnderstood


@dataclass(frozen=True)
class Link:
    """One release in the chain: its place, its own hash and the one it names as before it."""

    sequence: int
    as_of: date
    hash: str
    previous_hash: str
    manifest: dict[str, object]


def check_counts(counts: pl.DataFrame, *, known_areas: Set[str]) -> None:
    """A day's counts: columns area, tests, positives. Raises NotUnderstood naming the area and its fault."""
    strange = counts.filter(~pl.col("area").is_in(list(known_areas)))
    if strange.height:
        raise NotUnderstood(
            f"Area {strange['area'][0]} lies outside the tree. Load the nation that has it, or leave it out."
        )
    for name in ("tests", "positives"):
        bad = counts.filter((pl.col(name) < 0) | pl.col(name).is_null())
        if bad.height:
            raise NotUnderstood(
                f"Area {bad['area'][0]} has no {name} of 0 or more: a count cannot be less, or missing."
            )
    over = counts.filter(pl.col("positives") > pl.col("tests"))
    if over.height:
        raise NotUnderstood(
            f"Area {over['area'][0]} has more positives than tests. One of the two was counted wrongly."
        )


def check_chain(links: Sequence[Link], *, hash_of: Callable[[dict[str, object]], str]) -> None:
    """The whole chain of releases, from the first: nothing left out, changed or put between.

    hash_of : how a manifest is hashed (publication.release.manifest_hash)

    Raises LedgerBroken naming the first release that does not hold.
    """
    before = ""
    last: date | None = None
    for place, link in enumerate(links, start=1):
        if link.sequence != place:
            raise LedgerBroken(f"Release {link.as_of} is number {link.sequence}, where number {place} belongs.")
        if link.previous_hash != before:
            raise LedgerBroken(f"Release {link.as_of} does not follow the release before it: the chain is broken.")
        if hash_of(link.manifest) != link.hash:
            raise LedgerBroken(f"Release {link.as_of} is not what was published: its hash does not hold.")
        if last is not None and link.as_of <= last:
            raise LedgerBroken(f"Release {link.as_of} comes after {last}: that date is sealed.")
        before, last = link.hash, link.as_of


def check_not_sealed(as_of: date, released: Iterable[date]) -> None:
    """Raises LedgerBroken for a release on or before a date that is out already."""
    latest = max(released, default=None)
    if latest is not None and as_of <= latest:
        raise LedgerBroken(
            f"{as_of} is sealed: the release of {latest} is out. Late records count on the day they came."
        )
