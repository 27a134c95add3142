"""Receive one laboratory file: good lines in, bad lines held, every line accounted for."""

import os
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from hashlib import file_digest
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from pumphandle.linelist.accounting import Account, sort_lines
from pumphandle.linelist.checks import check, content_of
from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.formats import read_lines
from pumphandle.linelist.keys import with_keys
from pumphandle.linelist.lines import HeldLine, Lines
from pumphandle.linelist.messages import Apart
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database, Transaction, one_at_a_time
from pumphandle.store.identified import intake
from pumphandle.store.identified.intake import FileOutcome
from pumphandle.vocabulary.errors import BadFile
from pumphandle.vocabulary.people import Actor

NOTHING = Account(lines_in=0, accepted=0, quarantined=0, duplicates=0, superseded=0)
UNAGREED = "no_contract"
LARGE = 20_000_000  # bytes of messages from which starting processes pays


def receive(
    path: Path, contract: FeedContract | None, *, received_on: date, database: Database, by: Actor, at: datetime
) -> FileOutcome:
    """One transaction a file. The same file on the same day gives the first outcome again and changes nothing.

    A file that cannot be read, or holds too many bad lines, is refused whole; its refusal is recorded, not raised.
    """
    with database.transaction() as tx:
        return _receive(tx, path, contract, received_on=received_on, by=by, at=at)[0]


def rehearse(
    path: Path, contract: FeedContract | None, *, received_on: date, database: Database, by: Actor, at: datetime
) -> tuple[FileOutcome, tuple[HeldLine, ...]]:
    """What `receive` would make of the file, by doing it and taking it back: nothing is kept, not even a mark."""
    with database.transaction() as tx:
        found = _receive(tx, path, contract, received_on=received_on, by=by, at=at)
        tx.rollback()
    return found


def _receive(
    tx: Transaction, path: Path, contract: FeedContract | None, *, received_on: date, by: Actor, at: datetime
) -> tuple[FileOutcome, tuple[HeldLine, ...]]:
    with path.open("rb") as stream:
        sha256 = file_digest(stream, "sha256").hexdigest()
    one_at_a_time(tx)
    done = intake.outcome_of(tx, sha256=sha256, file_name=path.name, received_on=received_on)
    if done is not None:
        return done, ()
    try:
        outcome, held, events = _read(tx, path, contract, sha256=sha256, received_on=received_on)
    except BadFile as refusal:
        laboratory = contract.laboratory if contract else "unknown"
        outcome, held, events = FileOutcome(laboratory, path.name, "refused", str(refusal), NOTHING), (), None
    keep(tx, outcome, held, events, sha256=sha256, received_on=received_on, by=by, at=at)
    return outcome, held


def keep(
    tx: Transaction,
    outcome: FileOutcome,
    held: tuple[HeldLine, ...],
    events: pl.DataFrame | None,
    *,
    sha256: str,
    received_on: date,
    by: Actor,
    at: datetime,
) -> int:
    """The file, its held lines, its events and its audit row; the account is checked first. Returns file_id."""
    outcome.account.check(outcome.file_name)
    file_id = intake.add_file(tx, outcome, sha256=sha256, received_on=received_on, at=at)
    intake.add_held(tx, file_id, held)
    if events is not None:
        came = {"file_id": pl.lit(file_id), "received_on": pl.lit(received_on), "known_at": pl.lit(at)}
        intake.add_events(tx, events.with_columns(**came))
    audit.add(tx, deed="receive", subject=_subject(outcome, sha256), by=by, at=at)
    return file_id


def _read(
    tx: Transaction, path: Path, contract: FeedContract | None, *, sha256: str, received_on: date
) -> tuple[FileOutcome, tuple[HeldLine, ...], pl.DataFrame | None]:
    if contract is None:
        raise BadFile(
            "fits no feed contract",
            file=path.name,
            code=UNAGREED,
            remedy="Name the file as the laboratory's contract says, or write a contract for it.",
        )
    before = intake.taken_before(tx, sha256)
    if before is not None:
        account = Account(lines_in=before, accepted=0, quarantined=0, duplicates=before, superseded=0)
        return FileOutcome(contract.laboratory, path.name, "seen_before", None, account), (), None
    with several(path, contract) as apart:
        lines = read_lines(path, contract, apart=apart)
    checked = check(lines.frame, contract, received_on=received_on)
    held = lines.held + checked.held
    bad_lines = len({one.line for one in held})
    if lines.lines_in and bad_lines / lines.lines_in > contract.refuse_above:
        return _refused_for_bad_lines(path, contract, lines, held, bad_lines)
    keyed = with_keys(checked.good, laboratory=contract.laboratory)
    news = sort_lines(keyed, intake.latest(tx, keyed["record_key"]))
    held += _orphans(news.orphans, lines.frame)
    account = Account(
        lines_in=lines.lines_in,
        accepted=news.fresh.height,
        quarantined=bad_lines + news.orphans.height,
        duplicates=news.duplicates,
        superseded=news.superseded + lines.overtaken,
    )
    events = news.fresh.with_columns(laboratory=pl.lit(contract.laboratory))
    return FileOutcome(contract.laboratory, path.name, "accepted", None, account), held, events


@contextmanager
def several(path: Path, contract: FeedContract) -> Generator[Apart]:
    """`map`, or for a large file of messages the same in one process a core."""
    if contract.format != "hl7" or path.stat().st_size < LARGE:
        yield map
        return
    with ProcessPoolExecutor(max_workers=os.cpu_count(), mp_context=get_context("forkserver")) as pool:
        yield pool.map


def _refused_for_bad_lines(
    path: Path, contract: FeedContract, lines: Lines, held: tuple[HeldLine, ...], bad_lines: int
) -> tuple[FileOutcome, tuple[HeldLine, ...], None]:
    first = min(held, key=lambda one: one.line)
    refusal = BadFile(
        f"has {bad_lines} bad lines of {lines.lines_in}, more than the agreed share of {contract.refuse_above:g}",
        file=path.name,
        code="too_many_bad_lines",
        line=first.line,
        field=first.field,
        remedy=f"First fault: {first.code}. {first.remedy} Then send the whole file again.",
    )
    account = Account(lines_in=lines.lines_in, accepted=0, quarantined=lines.lines_in, duplicates=0, superseded=0)
    return FileOutcome(contract.laboratory, path.name, "refused", str(refusal), account), held, None


def _orphans(orphans: pl.DataFrame, came: pl.DataFrame) -> tuple[HeldLine, ...]:
    remedy = "The line withdraws a specimen that never came. Correct the specimen number, or send the result first."
    return tuple(
        HeldLine(line=line, field="status", code="withdraws_unknown", remedy=remedy, content=content)
        for line, content in content_of(came, set(orphans["line"].to_list())).items()
    )


def _subject(outcome: FileOutcome, sha256: str) -> dict[str, object]:
    account = outcome.account
    return {
        "file": outcome.file_name,
        "sha256": sha256,
        "outcome": outcome.outcome,
        "lines_in": account.lines_in,
        "accepted": account.accepted,
        "quarantined": account.quarantined,
        "duplicates": account.duplicates,
        "superseded": account.superseded,
    }
