"""National identifiers that look right and belong to nobody."""

from typing import Final

import numpy as np
import polars as pl

from pumphandle_town.chance import Chance, Ints

NHS_BLOCK: Final = 900_000  # valid numbers that we use among 999 000 000x .. 999 999 999x
MEDICARE_CARDS: Final = 50_000_000  # 8 digits, the first 2..6


def nhs_numbers(ranks: Ints) -> pl.Series:
    """Ten digits for the n-th, 2nd, ... person who needs a number (ranks from 0); no two alike.

    The first 900,000 lie in the test range 999, later ones in 998, 997 ...: all of 900-999 is kept for made-up
    patients and never issued (NHS Data Dictionary). Neighbours in rank get numbers far apart. Of each ten
    numbers nine are used: of ten last digits at most one would need the check value 10, which is never issued.
    """
    block, place = np.divmod(ranks, NHS_BLOCK)
    stem, ninth = np.divmod((place * 611_953 + 104_729) % NHS_BLOCK, 9)
    first_eight = (999 - block) * 100_000 + stem
    weighted = _weighted(first_eight, (10, 9, 8, 7, 6, 5, 4, 3))
    never = (1 - weighted) * 6 % 11  # the ninth digit whose check value would be 10; 6 is the inverse of 2 mod 11
    ninth = np.where(ninth >= never, ninth + 1, ninth)
    check = (11 - (weighted + 2 * ninth) % 11) % 11
    return pl.Series((first_eight * 10 + ninth) * 10 + check).cast(pl.String)


def medicare_numbers(households: Ints, positions: Ints, chance: Chance) -> pl.Series:
    """Eleven digits: a household's card (8 digits, check digit, issue) and the person's reference on it (1-9).

    The first digit is 2..6; check = sum of the eight digits times 1,3,7,9,1,3,7,9, modulo 10.
    """
    card = 20_000_000 + (households * 30_517_579 + 7_368_787) % MEDICARE_CARDS
    check = _weighted(card, (1, 3, 7, 9, 1, 3, 7, 9)) % 10
    issue = 1 + chance.below("card issue", households, 4)
    reference = 1 + np.minimum(positions, 8)
    return pl.Series(((card * 10 + check) * 10 + issue) * 10 + reference).cast(pl.String)


def _weighted(number: Ints, weights: tuple[int, ...]) -> Ints:
    total = np.zeros_like(number)
    for place, weight in enumerate(reversed(weights)):
        total += number // 10**place % 10 * weight
    return total
