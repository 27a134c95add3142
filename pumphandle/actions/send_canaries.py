"""Send a fictitious resident to every authority that is shown records, by the way that real ones take."""

from datetime import date, datetime
from hashlib import sha256

import polars as pl

from pumphandle.delivery.canary import LABORATORY, PATHOGEN, REASON, Canary, canary
from pumphandle.linelist.accounting import Account
from pumphandle.store.decisions import agreements, canaries
from pumphandle.store.engine import Transaction
from pumphandle.store.identified import delivering, intake
from pumphandle.store.identified.intake import EVENT_COLUMNS, FileOutcome


def send_canaries(day: date, *, tx: Transaction, key: bytes, at: datetime) -> int:
    """One file of our own with a positive result of nobody for each authority; how many. It is linked with the day.

    key : the nation's pseudonym key, by which each is made. An authority without a key or an agreement gets no record,
    and so no canary; one without a single postcode of its own cannot have a resident.
    """
    agreed = agreements.every(tx)
    sharing = [code for code in delivering.recipients(tx) if code in agreed and agreed[code].in_force_on(day)]
    sent = [
        canary(key, authority, day, postcode=postcode)
        for authority, postcode in sorted(canaries.homes(tx, sharing).items())
    ]
    if not sent:
        return 0
    account = Account(lines_in=len(sent), accepted=len(sent), quarantined=0, duplicates=0, superseded=0)
    outcome = FileOutcome(LABORATORY, f"canary {day}", "accepted", None, account)
    digest = sha256("".join(one.record_key for one in sent).encode()).hexdigest()
    file_id = intake.add_file(tx, outcome, sha256=digest, received_on=day, at=at)
    intake.add_events(tx, _events(sent, file_id, at))
    canaries.add(tx, day, {one.authority: one.record_key for one in sent}, at=at)
    return len(sent)


def _events(sent: list[Canary], file_id: int, at: datetime) -> pl.DataFrame:
    rows = pl.DataFrame(
        [
            {
                "record_key": one.record_key,
                "line": line,
                "content_hash": sha256(one.record_key.encode()).hexdigest()[:32],
                "specimen_id": one.specimen_id,
                "family_name": one.family_name,
                "given_name": one.given_name,
                "date_of_birth": one.date_of_birth,
                "sex": one.sex,
                "address": one.address,
                "postcode": one.postcode,
                "specimen_date": one.day,
                "received_on": one.day,
            }
            for line, one in enumerate(sent, start=1)
        ]
    )
    said = rows.with_columns(
        version=pl.lit(1),
        kind=pl.lit("reported"),
        reason=pl.lit(REASON),
        file_id=pl.lit(file_id),
        laboratory=pl.lit(LABORATORY),
        pathogen=pl.lit(PATHOGEN),
        result=pl.lit("positive"),
        known_at=pl.lit(at),
    )
    return said.with_columns(pl.lit(None, pl.String).alias(name) for name in EVENT_COLUMNS if name not in said.columns)
