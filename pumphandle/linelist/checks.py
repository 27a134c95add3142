"""Rules of a line, one row each: what fails goes to quarantine with its reason, the rest goes on."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from pumphandle.linelist.code_tables import CANCELLED, CONTRADICTORY, DIFFERENT, PENDING
from pumphandle.linelist.feeds import MEANINGS, FeedContract
from pumphandle.linelist.lines import HeldLine
from pumphandle.vocabulary.records import LINE_FIELDS

ISO: Final = "%Y-%m-%d"
OLDEST_SPECIMEN: Final = timedelta(days=730)
OLDEST_PERSON: Final = timedelta(days=125 * 366)


@dataclass(frozen=True)
class Rule:
    """A line is bad where `fails` is true."""

    code: str
    field: str
    fails: pl.Expr
    remedy: str


@dataclass(frozen=True)
class Checked:
    """good : `line` and LINE_FIELDS, dates as dates, codes as our words; held : the others, one row a reason."""

    good: pl.DataFrame
    held: tuple[HeldLine, ...]


def rules(received_on: date, *, of_messages: bool = False) -> tuple[Rule, ...]:
    """Every rule. Columns ending in _text hold what the laboratory wrote."""
    specimen, born = pl.col("specimen_date"), pl.col("date_of_birth")
    return (
        Rule(
            "specimen_id_missing",
            "specimen_id",
            pl.col("specimen_id").is_null(),
            "Send the laboratory's own number of the specimen.",
        ),
        Rule(
            "specimen_id_rounded",
            "specimen_id",
            pl.col("specimen_id").str.contains(r"^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+$").fill_null(False),
            "A spreadsheet rounded the number (1.23E+11): many become one. Send it as text.",
        ),
        Rule(
            "specimen_date_missing",
            "specimen_date",
            pl.col("specimen_date_text").is_null(),
            "Send the day on which the specimen was taken.",
        ),
        Rule(
            "specimen_date_unreadable",
            "specimen_date",
            pl.col("specimen_date_text").is_not_null() & specimen.is_null(),
            "Write the date in the form of the feed contract.",
        ),
        Rule(
            "specimen_date_in_future",
            "specimen_date",
            (specimen > received_on).fill_null(False),
            "The specimen date lies after the day on which the file came. Correct it.",
        ),
        Rule(
            "specimen_date_too_old",
            "specimen_date",
            (specimen < received_on - OLDEST_SPECIMEN).fill_null(False),
            f"The specimen date lies more than {OLDEST_SPECIMEN.days} days back. Correct it.",
        ),
        Rule(
            "date_of_birth_unreadable",
            "date_of_birth",
            pl.col("date_of_birth_text").is_not_null() & born.is_null(),
            "Write the date in the form of the feed contract, or leave it empty.",
        ),
        Rule(
            "born_after_specimen",
            "date_of_birth",
            (born > specimen).fill_null(False),
            "The date of birth lies after the specimen date. Correct it.",
        ),
        Rule(
            "born_too_early",
            "date_of_birth",
            (born < received_on - OLDEST_PERSON).fill_null(False),
            "The date of birth lies more than 125 years back. Correct it or leave it empty.",
        ),
        Rule("result_missing", "result", pl.col("result_text").is_null(), "Send the result."),
        Rule(
            "result_unknown",
            "result",
            pl.col("result_text").is_not_null()
            & pl.col("result").is_null()
            & ~(pl.col("result_text").str.contains(f"^({CONTRADICTORY}|{DIFFERENT}): ") & of_messages),
            "The code stands in no row of the feed contract. Add it there, with its meaning, or correct it.",
        ),
        Rule(
            "pathogen_unknown",
            "pathogen",
            pl.col("pathogen").is_null(),
            "The code of the test stands in no row of the feed contract.",
        ),
        Rule(
            "sex_unknown",
            "sex",
            pl.col("sex_text").is_not_null() & pl.col("sex").is_null(),
            "The code stands in no row of the feed contract. Add it there or correct it.",
        ),
        Rule(
            "status_unknown",
            "status",
            pl.col("status_text").is_not_null()
            & pl.col("status").is_null()
            & ~(pl.col("status_text").is_in([PENDING, CANCELLED]) & of_messages),
            "The code stands in no row of the feed contract. Add it there or correct it.",
        ),
        Rule(
            "status_missing",
            "status",
            pl.col("status_text").is_null() & pl.col("status").is_null(),
            "Say whether the result is final, corrected or withdrawn (in a message: OBX-11, or the status of the"
            " report and of the observation), or say in the feed contract, [codes.status], what an empty one means.",
        ),
        *(_rules_of_messages() if of_messages else ()),
    )


def _rules_of_messages() -> tuple[Rule, ...]:
    status, result = pl.col("status_text"), pl.col("result_text")
    return (
        Rule(
            "answer_contradictory",
            "result",
            result.str.starts_with(f"{CONTRADICTORY}: ").fill_null(False) & pl.col("result").is_null(),
            "Code and text of the answer, or two of its codings, mean different things. Ask which holds.",
        ),
        Rule(
            "answers_differ",
            "result",
            result.str.starts_with(f"{DIFFERENT}: ").fill_null(False) & pl.col("result").is_null(),
            "The message holds another answer to the same test, of another result, day or person, and does not say"
            " which holds (OBX-4, OBX-11, OBX-14, OBX-19). Ask the laboratory, mend one line and dismiss the others.",
        ),
        Rule(
            "status_not_final",
            "status",
            (status == PENDING).fill_null(False) & pl.col("status").is_null(),
            "The answer is preliminary, partial or not verified. It counts once it comes as final or corrected.",
        ),
        Rule(
            "order_cancelled",
            "status",
            (status == CANCELLED).fill_null(False) & pl.col("status").is_null(),
            "The order is cancelled (ORC-1, OBR-25, or the report's status), its answer is not. Take the answer back"
            " (OBX-11 D, W or X; entered-in-error or cancelled), or send the order as it stands.",
        ),
    )


def check(frame: pl.DataFrame, contract: FeedContract, *, received_on: date) -> Checked:
    """Understand every line, or hold it.

    frame : `line` and one text column per mapped field, as formats.read_lines gives it; control signs become spaces
    """
    understood = _understand(frame, contract)
    every = rules(received_on, of_messages=contract.of_messages)
    flags = understood.with_columns([rule.fails.alias(f"fails_{rule.code}") for rule in every])
    bad = flags.filter(pl.any_horizontal([f"fails_{rule.code}" for rule in every]))
    good = flags.filter(~pl.any_horizontal([f"fails_{rule.code}" for rule in every]))
    content = content_of(frame, set(bad["line"].to_list()))
    held = tuple(
        HeldLine(line=line, field=rule.field, code=rule.code, remedy=rule.remedy, content=content[line])
        for rule in every
        for line in bad.filter(pl.col(f"fails_{rule.code}"))["line"].to_list()
    )
    return Checked(
        good=good.with_columns(pl.col("sex").fill_null("unknown")).select("line", *LINE_FIELDS),
        held=held,
    )


def _understand(frame: pl.DataFrame, contract: FeedContract) -> pl.DataFrame:
    """Text to dates and words; what cannot be understood becomes null beside its text."""
    text = frame.with_columns(
        [
            pl.col(name).str.replace_all(r"[\x00-\x1f\x7f]", " ").str.strip_chars().replace("", None)
            if name in frame.columns
            else pl.lit(contract.fixed.get(name), pl.String).alias(name)
            for name in LINE_FIELDS
        ]
    )
    text = text.with_columns(
        # zeros in front, which a spreadsheet took away
        [
            pl.when(pl.col(name).str.contains(r"^[0-9]+$"))
            .then(pl.col(name).str.zfill(width))
            .otherwise(name)
            .alias(name)
            for name, width in contract.widths.items()
        ]
    )
    kept = text.with_columns(
        [pl.col(name).alias(f"{name}_text") for name in ("specimen_date", "date_of_birth", *MEANINGS)]
    )
    dates = [_day(pl.col(name), contract) for name in ("specimen_date", "date_of_birth")]
    words = [
        pl.col(name).replace_strict(contract.meanings(name), default=None, return_dtype=pl.String)
        for name in MEANINGS
        if name in frame.columns
    ]
    # what an empty status means, where the contract says it
    empty = pl.when(pl.col("status_text").is_null()).then(pl.lit(contract.codes.get("status", {}).get(""), pl.String))
    return kept.with_columns(*dates, *words).with_columns(empty.otherwise(pl.col("status")).alias("status"))


def _day(text: pl.Expr, contract: FeedContract) -> pl.Expr:
    """The day; of a moment with its offset, the day in the laboratory's time zone."""
    form = ISO if contract.of_messages else contract.dates
    if "%H" not in form:
        return text.str.to_date(form, strict=False)
    moment = text.str.to_datetime(form, strict=False)
    return (moment.dt.convert_time_zone(contract.time_zone) if "%z" in form else moment).dt.date()


def content_of(frame: pl.DataFrame, lines: set[int]) -> dict[int, str]:
    """These lines by field (mapped fields only), as JSON, for the steward who mends them."""
    bad = frame.filter(pl.col("line").is_in(list(lines)))
    return {
        row["line"]: json.dumps({name: row[name] for name in frame.columns if name != "line" and row[name] is not None})
        for row in bad.iter_rows(named=True)
    }
