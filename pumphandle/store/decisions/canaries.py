"""The sender's own list of fictitious residents: which records are theirs, and whether each arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg.rows import class_row

from pumphandle.store.engine import Transaction

_POSTCODES: Final = (
    "select a.parent, min(p.postcode) from reference.postcode p join reference.area a on a.area_code = p.small_area "
    "where a.parent = any(%s) and not exists (select from reference.postcode_share s where s.postcode = p.postcode) "
    "group by a.parent"
)


@dataclass(frozen=True)
class CanaryRow:
    """packaged_on : None where it did not arrive; stage : how far its package came, None before there is one"""

    canary_day: date
    authority: str
    sent_at: datetime
    packaged_on: date | None
    stage: str | None


def homes(tx: Transaction, authorities: Sequence[str]) -> dict[str, str]:
    """Authority -> a postcode that lies in it and nowhere else; the same one as long as the postcodes are."""
    return {str(code): str(postcode) for code, postcode in tx.execute(_POSTCODES, [list(authorities)]).fetchall()}


def add(tx: Transaction, day: date, record_keys: dict[str, str], *, at: datetime) -> None:
    """record_keys : authority -> key of its canary of the day."""
    with tx.cursor() as cursor:
        cursor.executemany(
            "insert into decisions.canary (canary_day, authority, record_key, sent_at) values (%s, %s, %s, %s)",
            [(day, authority, key, at) for authority, key in sorted(record_keys.items())],
        )


def invented(tx: Transaction) -> frozenset[str]:
    """Keys of every record that is a canary's."""
    return frozenset(str(row[0]) for row in tx.execute("select record_key::text from decisions.canary").fetchall())


def of_day(tx: Transaction, day: date) -> dict[str, str]:
    """Authority -> key of its canary of this day."""
    rows = tx.execute("select authority, record_key::text from decisions.canary where canary_day = %s", [day])
    return {str(authority): str(key) for authority, key in rows.fetchall()}


def packaged(tx: Transaction, day: date, authorities: Sequence[str]) -> None:
    tx.execute(
        "update decisions.canary set packaged_on = %s where canary_day = %s and authority = any(%s)",
        [day, day, list(authorities)],
    )


def missing(tx: Transaction, day: date, sentences: dict[str, str]) -> None:
    """An alarm for each authority whose canary did not arrive. sentences : authority -> what is told"""
    with tx.cursor() as cursor:
        cursor.executemany(
            "insert into decisions.watch (watch_date, laboratory, kind, field, severity, observed, expected, sentence, "
            "authorities) values (%s, 'canary', 'canary_missing', %s, 'alarm', 0, 1, %s, %s)",
            [(day, code, sentence, [code]) for code, sentence in sorted(sentences.items())],
        )


def every(tx: Transaction, day: date) -> list[CanaryRow]:
    """Those of a day, with the last stage of each package's receipt."""
    with tx.cursor(row_factory=class_row(CanaryRow)) as cursor:
        return cursor.execute(
            "select c.canary_day, c.authority, c.sent_at, c.packaged_on, (select r.stage from identified.receipt r "
            "where r.authority = c.authority and r.delivery_date = c.packaged_on "
            "order by identified.stage_place(r.stage) desc limit 1) as stage "
            "from decisions.canary c where c.canary_day = %s order by c.packaged_on nulls first, c.authority",
            [day],
        ).fetchall()
