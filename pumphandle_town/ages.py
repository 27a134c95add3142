"""Ages: of a made-up household from its make-up, of a real postcode from its census bands."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pumphandle_town.chance import Chance, Floats, Ints
from pumphandle_town.households import Households

ADULT = 20


def household_ages(households: Households, chance: Chance) -> Callable[[Ints, Ints, Ints], Floats]:
    """Heads, partners, children, grandparents, sharers; residents of care homes are old."""

    def ages(persons: Ints, home: Ints, position: Ints) -> Floats:
        size = households.size[home].astype(np.int64)
        kind, spread = chance.share("make-up", home), chance.share("age of head", home)
        own, slip = chance.share("age", persons), chance.share("birthday", persons)
        alone = np.where(kind < 0.45, 62 + 30 * spread**1.3, 20 + 44 * spread)
        pair = np.where(kind < 0.42, 58 + 29 * spread, 22 + 38 * spread)
        family = 27 + 27 * spread
        head = np.where(size == 1, alone, np.where(size == 2, pair, family))
        partner = np.maximum(18.5, head - 7 + 13 * own)
        child = np.maximum(0.0, (head - 20 - 18 * own)) % 27
        grandparent = head + 21 + 12 * own
        adult = np.maximum(18.5, 19 + 20 * spread - 4 + 8 * own)
        one_parent = kind > 0.87
        sharers = (size >= 2) & (size <= 4) & (kind > 0.74) & ~one_parent
        older = (size >= 4) & (kind < 0.11) & (position == size - 1)
        found = np.where(position == 0, head, np.where((position == 1) & ~one_parent, partner, child))
        found = np.where(older, grandparent, np.where(sharers, adult, found))
        found = np.where(households.care_home[home], 72 + 27 * own**0.8, found)
        return np.minimum(found, 103.0) + slip * 0.999

    return ages


@dataclass(frozen=True)
class Bands:
    """Residents by age: (postcodes, bands) people, and the first age of each band and the end of the last."""

    people: Floats
    starts: Floats


def census_ages(households: Households, bands: Bands, chance: Chance) -> Callable[[Ints, Ints, Ints], Floats]:
    """Ages by the postcode's own bands. The first of a household is grown up; the others make up for it."""
    share: Floats = bands.people / bands.people.sum(axis=1, keepdims=True)
    young: Floats = (share * (bands.starts[1:] <= ADULT)).sum(axis=1)
    heads: Floats = np.bincount(households.postcode, minlength=len(share)) / np.maximum(
        1, np.bincount(households.postcode, weights=households.size, minlength=len(share))
    )
    young_elsewhere: Floats = np.minimum(0.95, young / np.maximum(0.05, 1 - heads))
    total: Floats = np.cumsum(share, axis=1)
    total[:, -1] = 1.0
    width = np.diff(bands.starts)

    def ages(persons: Ints, home: Ints, position: Ints) -> Floats:
        post = households.postcode[home]
        drawn = chance.share("age", persons)
        edge, child = young[post], young_elsewhere[post]
        grown = edge + (1 - edge) * drawn
        either: Floats = np.where(
            drawn < child,
            drawn / np.maximum(child, 1e-9) * edge,
            edge + (drawn - child) / np.maximum(1 - child, 1e-9) * (1 - edge),
        )
        place: Floats = np.where((position == 0) & (edge < 0.999), grown, either)
        passed: Ints = np.count_nonzero(total[post] <= place[:, None], axis=1)
        band = np.minimum(passed, share.shape[1] - 1)
        return bands.starts[band] + width[band] * chance.share("birthday", persons) * 0.999

    return ages
