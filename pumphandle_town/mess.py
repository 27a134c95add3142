"""What goes wrong between specimen and line: late, twice, corrected, withdrawn, mistyped, broken."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import polars as pl

from pumphandle_town.chance import Chance, Flags, Floats, Ints
from pumphandle_town.laboratories import Laboratory
from pumphandle_town.rates import Rates
from pumphandle_town.slips import NameForm, PostcodeForm


class Fate(IntEnum):
    """What becomes of a record; PLAIN for most."""

    PLAIN = 0
    RESULT_CORRECTED = 1
    POSTCODE_CORRECTED = 2
    NAME_CORRECTED = 3
    WITHDRAWN = 4
    TWICE_IN_FILE = 5
    SENT_AGAIN_LATER = 6
    BAD_THEN_GOOD = 7
    BAD_FOR_EVER = 8


class Flaw(IntEnum):
    """Why a line is bad."""

    NONE = 0
    FUTURE_DATE = 1
    UNKNOWN_CODE = 2
    NO_SPECIMEN_ID = 3
    CELL_COUNT = 4


class Note(IntEnum):
    """What intake should make of a line that is not bad."""

    ACCEPTED = 0
    DUPLICATE = 1
    SUPERSEDED = 2


CHANGES: Final = (Fate.RESULT_CORRECTED, Fate.POSTCODE_CORRECTED, Fate.NAME_CORRECTED, Fate.WITHDRAWN)


@dataclass(frozen=True)
class Records:
    """One row a specimen of one day. protected : its result must come through; spurious : must be withdrawn later."""

    record: Ints
    laboratory: Ints
    number: Ints
    person: Ints
    post: Ints
    day: int
    result: Ints
    case: Ints
    spurious: Flags


@dataclass(frozen=True)
class Calendar:
    """open_day[l, d] is the first day from d on which laboratory l sends; `last` is the last day of the inbox."""

    open_day: Ints
    last: int


def calendar(
    laboratories: tuple[Laboratory, ...], last: int, rates: Rates, chance: Chance
) -> tuple[Calendar, dict[tuple[int, int], int]]:
    """Silent days, and the files sent twice: (laboratory, day) -> the day on which the second copy comes."""
    rng = chance.generator("calendar")
    open_day = np.tile(np.arange(last + 8), (len(laboratories), 1))
    twice: dict[tuple[int, int], int] = {}
    for number in range(len(laboratories)):
        if last >= 10:
            silent = rng.choice(np.arange(4, last - 2), rates.silent_days, replace=False)
            open_day[number, silent] = silent + 1
            chosen = np.setdiff1d(rng.choice(np.arange(1, last - 1), rates.files_sent_twice, replace=False), silent)
            twice |= {(number, int(day)): int(day + rng.integers(0, 2)) for day in chosen}
    return Calendar(open_day, last), twice


def lines_of(
    records: Records, laboratories: tuple[Laboratory, ...], rates: Rates, dates: Calendar, chance: Chance
) -> pl.DataFrame:
    """Every line that will ever be sent about these records, with its day of sending: one row a line, in numbers."""
    fate = _fates(records, rates, chance)
    lags = np.array([np.cumsum(np.pad(laboratory.lags, (0, 8 - len(laboratory.lags)))) for laboratory in laboratories])
    drawn = chance.share("lag", records.record)[:, None] * lags[:, -1][records.laboratory][:, None]
    lag = (lags[records.laboratory] <= drawn).sum(axis=1)
    first = dates.open_day[records.laboratory, np.minimum(records.day + lag, dates.last + 7)]
    gap = np.searchsorted(np.cumsum(rates.gaps)[:-1], chance.share("gap", records.record), side="right")
    gap = np.where(np.isin(fate, (Fate.WITHDRAWN, Fate.SENT_AGAIN_LATER)), np.maximum(gap, 1), gap)
    gap = np.where(fate == Fate.TWICE_IN_FILE, 0, np.where(fate == Fate.BAD_THEN_GOOD, 1, gap))
    second = dates.open_day[records.laboratory, np.minimum(first + gap, dates.last + 7)]
    common = _common(records, rates, chance)
    one = common.with_columns(**_first_line(records, fate, first, second, chance))
    two = common.with_columns(**_second_line(fate, second))
    both = pl.concat([one, two.filter(~np.isin(fate, (Fate.PLAIN, Fate.BAD_FOR_EVER)))])
    return both.filter(pl.col("sent") <= dates.last)


def standing(lines: pl.DataFrame) -> pl.DataFrame:
    """The last good line of each record that is not withdrawn."""
    return (
        lines.filter(pl.col("flaw") == 0)
        .sort("record", "sent", "turn")
        .unique("record", keep="last", maintain_order=True)
        .filter(pl.col("status") != 2)
    )


def _fates(records: Records, rates: Rates, chance: Chance) -> Ints:
    fate = np.searchsorted(np.cumsum(rates.fates), chance.share("fate", records.record), side="right") + 1
    fate = np.where(fate > len(rates.fates), Fate.PLAIN, fate)
    spoiling = (Fate.RESULT_CORRECTED, Fate.WITHDRAWN, Fate.BAD_THEN_GOOD, Fate.BAD_FOR_EVER)
    fate = np.where((records.case >= 0) & np.isin(fate, spoiling), Fate.PLAIN, fate)
    fate = np.where((records.result == 2) & (fate == Fate.RESULT_CORRECTED), Fate.PLAIN, fate)
    return np.where(records.spurious, Fate.WITHDRAWN, fate)


def _common(records: Records, rates: Rates, chance: Chance) -> pl.DataFrame:
    """What both lines of a record share."""
    index = records.record
    post_share = chance.share("lasting postcode", index)
    post_form = np.searchsorted(np.cumsum(rates.lasting_postcodes), post_share, side="right") + 1
    post_form = np.where(post_form > len(rates.lasting_postcodes), PostcodeForm.RIGHT, post_form)
    slip = chance.share("name slip", index)
    return pl.DataFrame(
        {
            "record": index,
            "laboratory": records.laboratory.astype(np.int8),
            "number": records.number,
            "person": records.person,
            "post": records.post.astype(np.int64),
            "day": np.full(len(index), records.day, dtype=np.int32),
            "result": records.result.astype(np.int8),
            "case": records.case,
            "postcode_form": post_form.astype(np.int8),
            "name_form": _name_forms(slip, rates.name_slip).astype(np.int8),
            "no_national_id": chance.share("no national id", index) < rates.no_national_id,
            "no_phone": chance.share("no phone", index) < rates.no_phone,
            "birth_slip": chance.share("birth slip", index) < rates.birth_slip,
        }
    )


def _name_forms(share: Floats, rate: float) -> Ints:
    part = np.where(
        share < 0.45 * rate, NameForm.FAMILY_SLIP, np.where(share < 0.9 * rate, NameForm.GIVEN_SLIP, NameForm.SWAPPED)
    )
    return np.where(share < rate, part, NameForm.RIGHT)


def _first_line(
    records: Records, fate: Ints, first: Ints, second: Ints, chance: Chance
) -> dict[str, pl.Series | pl.Expr]:
    slip = np.where(chance.share("which", records.record) < 0.5, PostcodeForm.TRANSPOSED, PostcodeForm.OLD_ADDRESS)
    wrong_post = np.where(fate == Fate.POSTCODE_CORRECTED, slip, -1)
    wrong_name = np.where(fate == Fate.NAME_CORRECTED, np.where(chance.share("which", records.record) < 0.5, 1, 2), -1)
    bad = np.isin(fate, (Fate.BAD_THEN_GOOD, Fate.BAD_FOR_EVER))
    flaw = np.where(bad, 1 + chance.below("flaw", records.record, 4), Flaw.NONE)
    superseded = np.isin(fate, CHANGES) & (first == second)
    result = np.where(fate == Fate.RESULT_CORRECTED, 1 - records.result, records.result)
    return {
        "sent": pl.Series(first.astype(np.int32)),
        "turn": pl.Series(np.zeros(len(fate), dtype=np.int8)),
        "status": pl.Series(np.zeros(len(fate), dtype=np.int8)),
        "result": pl.Series(result.astype(np.int8)),
        "postcode_form": _overlaid("postcode_form", wrong_post),
        "name_form": _overlaid("name_form", wrong_name),
        "flaw": pl.Series(flaw.astype(np.int8)),
        "note": pl.Series(np.where(superseded, Note.SUPERSEDED, Note.ACCEPTED).astype(np.int8)),
    }


def _second_line(fate: Ints, second: Ints) -> dict[str, pl.Series | pl.Expr]:
    again = np.isin(fate, (Fate.TWICE_IN_FILE, Fate.SENT_AGAIN_LATER))
    status = np.where(fate == Fate.WITHDRAWN, 2, np.where(np.isin(fate, CHANGES), 1, 0))
    return {
        "sent": pl.Series(second.astype(np.int32)),
        "turn": pl.Series(np.ones(len(fate), dtype=np.int8)),
        "status": pl.Series(status.astype(np.int8)),
        "postcode_form": _overlaid("postcode_form", np.where(fate == Fate.POSTCODE_CORRECTED, PostcodeForm.RIGHT, -1)),
        "name_form": _overlaid("name_form", np.where(fate == Fate.NAME_CORRECTED, NameForm.RIGHT, -1)),
        "flaw": pl.Series(np.zeros(len(fate), dtype=np.int8)),
        "note": pl.Series(np.where(again, Note.DUPLICATE, Note.ACCEPTED).astype(np.int8)),
    }


def _overlaid(column: str, form: Ints) -> pl.Expr:
    """The form given, or the lasting one where it is -1."""
    given = pl.lit(pl.Series(form.astype(np.int8)))
    return pl.when(given >= 0).then(given).otherwise(pl.col(column))
