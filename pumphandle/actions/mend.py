"""Mend a held line and send it through the same checks again, or dismiss it; both with a reason and a mark."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

import polars as pl

from pumphandle.actions import receive
from pumphandle.actions.look import looking
from pumphandle.governance import policy
from pumphandle.linelist.accounting import Account, sort_lines
from pumphandle.linelist.checks import Checked, check
from pumphandle.linelist.feeds import FeedContract
from pumphandle.linelist.keys import with_keys
from pumphandle.store.decisions import audit, runs
from pumphandle.store.engine import Database, Transaction, one_at_a_time
from pumphandle.store.identified import intake, quarantine
from pumphandle.store.identified.intake import FileOutcome
from pumphandle.store.identified.quarantine import HeldCase, Waiting
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import Actor, Role

GONE = "No such line is held. It was mended or dismissed already."


def waiting(database: Database, *, by: Actor, at: datetime) -> list[Waiting]:
    """Everything that waits, by file and reason. No line is shown."""
    with looking(database, "look_quarantine", by=by, at=at) as tx:
        policy.check_can_run(by)
        found = quarantine.waiting(tx)
        audit.add(tx, deed="look_quarantine", subject={"shown": 0, "groups": len(found)}, by=by, at=at)
        return found


def group(database: Database, file_id: int, kind: str, field: str, *, by: Actor, at: datetime) -> list[int]:
    """Line numbers of one file held for one reason."""
    with looking(database, "look_quarantine", by=by, at=at) as tx:
        policy.check_can_run(by)
        return quarantine.lines_waiting(tx, file_id, kind, field)


def show(database: Database, file_id: int, line: int, *, by: Actor, at: datetime) -> HeldCase:
    """One held line with what the laboratory wrote. Raises NotFound."""
    with looking(database, "look_quarantine", by=by, at=at) as tx:
        policy.check_can_run(by)
        found = quarantine.held(tx, file_id, line)
        if found is None:
            raise NotFound(GONE)
        audit.add(tx, deed="look_quarantine", subject={"file_id": file_id, "line": line, "shown": 1}, by=by, at=at)
        return found


def fields_of(case: HeldCase, contract: FeedContract) -> dict[str, str]:
    """What the laboratory wrote, by our field; empty for a line that could not be told apart into fields."""
    names = [name for name in (contract.columns or _said(case)) if name not in contract.fixed]
    said = _said(case)
    return {name: said.get(name, "") for name in names}


def _said(case: HeldCase) -> dict[str, str]:
    try:
        said: object = json.loads(case.content)
    except ValueError:
        return {}
    return {str(name): str(text) for name, text in said.items()} if isinstance(said, dict) else {}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def ask(
    database: Database,
    file_id: int,
    line: int,
    fields: Mapping[str, str] | None,
    *,
    contracts: Sequence[FeedContract],
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    """From the console: the next receiving mends or dismisses the line. Raises Refused where it would still be bad."""
    with looking(database, "ask_mend", by=by, at=at) as tx:
        policy.check_can_run(by)
        case = _case(tx, file_id, line, reason)
        if fields is not None:
            _checked(case, fields, contract_of(case, contracts), received_on=case.received_on)
        quarantine.ask(tx, file_id, line, fields, reason=reason, by=by, at=at)
        subject: dict[str, object] = {"file_id": file_id, "line": line, "dismiss": fields is None}
        audit.add(tx, deed="ask_mend", subject=subject, by=by, at=at)


def mend(
    database: Database,
    file_id: int,
    line: int,
    fields: Mapping[str, str] | None,
    *,
    contracts: Sequence[FeedContract],
    reason: str,
    by: Actor,
    at: datetime,
) -> str:
    """Take the mended line in (fields None: dismiss it), to be linked with the next day. Returns what became of it."""
    policy.check_can_run(by)
    with database.transaction() as tx:
        one_at_a_time(tx)
        return _mend(tx, file_id, line, fields, contracts, received_on=next_day(tx, at), reason=reason, by=by, at=at)


def do_requests(database: Database, *, contracts: Sequence[FeedContract], received_on: date, at: datetime) -> int:
    """What stewards asked for at the console, each in a transaction of its own. Returns how many were done."""
    with database.transaction() as tx:
        requests = quarantine.requests(tx)
    for request in requests:
        by = Actor(request.by_name, Role.STEWARD)
        with database.transaction() as tx:
            one_at_a_time(tx)
            if quarantine.held(tx, request.file_id, request.line) is not None:
                _mend(
                    tx,
                    request.file_id,
                    request.line,
                    request.fields,
                    contracts,
                    received_on=received_on,
                    reason=request.reason,
                    by=by,
                    at=at,
                )
            quarantine.request_done(tx, request.request_id, at=at)
    return len(requests)


def next_day(tx: Transaction, at: datetime) -> date:
    """The day that the next linking will take in."""
    last = runs.last_day_of(tx, "link")
    return at.date() if last is None else last + timedelta(days=1)


def _mend(
    tx: Transaction,
    file_id: int,
    line: int,
    fields: Mapping[str, str] | None,
    contracts: Sequence[FeedContract],
    *,
    received_on: date,
    reason: str,
    by: Actor,
    at: datetime,
) -> str:
    case = _case(tx, file_id, line, reason)
    taken: int | None = None
    became = "dismissed"
    if fields is not None:
        contract = contract_of(case, contracts)
        checked = _checked(case, fields, contract, received_on=received_on)
        keyed = with_keys(checked.good, laboratory=contract.laboratory)
        news = sort_lines(keyed, intake.latest(tx, keyed["record_key"]))
        if news.orphans.height:
            raise Refused("The line withdraws a specimen that never came. Correct the specimen number.")
        account = Account(1, news.fresh.height, 0, news.duplicates, news.superseded)
        outcome = FileOutcome(contract.laboratory, f"{case.file_name}, line {line}, mended", "accepted", None, account)
        events = news.fresh.with_columns(laboratory=pl.lit(contract.laboratory))
        digest = sha256(json.dumps([file_id, line, dict(fields)], sort_keys=True).encode()).hexdigest()
        taken = receive.keep(tx, outcome, (), events, sha256=digest, received_on=received_on, by=by, at=at)
        became = "accepted" if news.fresh.height else "duplicate"
    quarantine.add_mending(tx, file_id, line, mended_file_id=taken, reason=reason, by=by.name, at=at)
    subject: dict[str, object] = {"file_id": file_id, "line": line, "became": became}
    audit.add(tx, deed="mend", subject=subject, by=by, at=at)
    return became


def _case(tx: Transaction, file_id: int, line: int, reason: str) -> HeldCase:
    if not reason.strip():
        raise Refused("Say why, in a few words: it stands beside the line from now on.")
    case = quarantine.held(tx, file_id, line)
    if case is None:
        raise NotFound(GONE)
    return case


def contract_of(case: HeldCase, contracts: Sequence[FeedContract]) -> FeedContract:
    """The present contract of the laboratory whose line it is. Raises NotFound."""
    for contract in contracts:
        if contract.laboratory == case.laboratory:
            return contract
    raise NotFound(f"There is no feed contract of {case.laboratory} any more.")


def _checked(case: HeldCase, fields: Mapping[str, str], contract: FeedContract, *, received_on: date) -> Checked:
    names = contract.columns or fields
    frame = pl.DataFrame(
        {"line": [case.line]} | {name: [fields.get(name) or None] for name in names},
        schema={"line": pl.Int64} | dict.fromkeys(names, pl.String),
    )
    checked = check(frame, contract, received_on=received_on)
    if checked.held:
        told = " ".join(f"{held.field}: {held.code}. {held.remedy}" for held in checked.held)
        raise Refused(f"The line would still be held. {told}")
    return checked
