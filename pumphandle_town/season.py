"""The days of a season, one after the other: specimens are taken, lines are sent, the truth is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pumphandle.vocabulary.errors import Refused
from pumphandle_town.chance import Chance, Flags, Ints
from pumphandle_town.laboratories import Laboratory, assigned
from pumphandle_town.lines import Press, counts, day_name, file_text
from pumphandle_town.mess import Calendar, Records, calendar, lines_of
from pumphandle_town.rates import Rates
from pumphandle_town.truth import Ledger


@dataclass(frozen=True)
class Specimens:
    """Of one day. post : number of the postcode; result : 1 positive, 0 negative, 2 void; case : planted case or -1."""

    person: Ints
    post: Ints
    result: Ints
    case: Ints
    spurious: Flags


@dataclass(frozen=True)
class Season:
    """specimens_of : the specimens of a day; days : with specimens; tail : further days with files.

    first_number : where specimen numbers begin, so that two seasons of one nation never share one
    """

    specimens_of: Callable[[int], Specimens]
    laboratories: tuple[Laboratory, ...]
    rates: Rates
    days: int
    tail: int
    chance: Chance
    first_number: int = 0


def send(season: Season, press: Press, ledger: Ledger, inbox: Path, tell: Callable[[str], None]) -> int:
    """Write every file of every day, and the truth about it. Returns the number of lines."""
    last = season.days - 1 + season.tail
    dates, twice = calendar(season.laboratories, last, season.rates, season.chance)
    waiting: dict[int, list[pl.DataFrame]] = {}
    numbers = np.full(len(season.laboratories), season.first_number)
    record, total = season.first_number, 0
    for day in range(last + 1):
        name = day_name(press.start, day)
        if day < season.days:
            records = _numbered(season.specimens_of(day), day, record, numbers, season)
            record += len(records.record)
            lines = lines_of(records, season.laboratories, season.rates, dates, season.chance)
            ledger.add_day(lines, day)
            for (sent,), part in lines.partition_by("sent", as_dict=True, maintain_order=True).items():
                waiting.setdefault(int(sent), []).append(part)
        total += _send_day(waiting.pop(day, []), day, season, dates, twice, press, ledger, inbox)
        tell(name)
    return total


def _numbered(found: Specimens, day: int, record: int, numbers: Ints, season: Season) -> Records:
    """Give every specimen its laboratory and that laboratory's next number."""
    index = record + np.arange(len(found.person))
    laboratory = assigned(season.laboratories, found.post // 200, index, season.chance)
    number = np.empty_like(index)
    for each in range(len(season.laboratories)):
        own = np.flatnonzero(laboratory == each)
        number[own] = numbers[each] + 1 + np.arange(len(own))
        numbers[each] += len(own)
    return Records(index, laboratory, number, found.person, found.post, day, found.result, found.case, found.spurious)


def _send_day(
    parts: list[pl.DataFrame],
    day: int,
    season: Season,
    dates: Calendar,
    twice: dict[tuple[int, int], int],
    press: Press,
    ledger: Ledger,
    inbox: Path,
) -> int:
    """All files of a day. First lines go before second ones, so that the later word of a record stands later."""
    if not parts:
        return 0
    text = press.text(pl.concat(parts).sort("turn", "record"))
    for number, laboratory in enumerate(season.laboratories):
        if dates.open_day[number, day] != day:
            continue
        own, name = text.filter(pl.col("laboratory") == number), day_name(press.start, day)
        content = file_text(own, laboratory, press.start)
        file = laboratory.file_name(name)
        ledger.files[file] = {"laboratory": laboratory.key, "day": name, **counts(own)}
        _put(inbox / name / file, content)
        if (number, day) in twice:
            copy, again = file.replace(".csv", "_resend.csv"), day_name(press.start, twice[number, day])
            _put(inbox / again / copy, content)
            nothing = counts(own.clear()) | {
                "lines": own.height,
                "duplicates": own.height,
            }  # byte for byte what came before
            ledger.files[copy] = {"laboratory": laboratory.key, "day": again, "resent_of": file, **nothing}
    return text.height


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def claim(*folders: Path) -> None:
    """Raises Refused if a folder has anything in it: two countries must never be mixed."""
    for folder in folders:
        if folder.exists() and any(folder.iterdir()):
            raise Refused(f"{folder} is not empty. Name an empty folder, or clear this one.")
