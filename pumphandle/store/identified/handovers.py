"""Contacts handed over from one authority to another, with a receipt of each side."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from pumphandle.store.engine import Transaction
from pumphandle.store.identified.contacts import Contact

_COLUMNS = (
    "handover_id::text, given_contact::text, taken_contact::text, giver, receiver, reason, given_at, given_by, "
    "received_at, received_by, state, reached_at"
)


@dataclass(frozen=True)
class Handover:
    """given_at, given_by : the giver's receipt; received_at, received_by : the receiver's, None until confirmed

    state, reached_at : how far the receiver has come; nothing else of their work is told to the giver
    """

    handover_id: str
    given_contact: str
    taken_contact: str
    giver: str
    receiver: str
    reason: str
    given_at: datetime
    given_by: str
    received_at: datetime | None
    received_by: str | None
    state: str
    reached_at: datetime | None


def give(
    tx: Transaction,
    known: Contact,
    *,
    receiver: str,
    new_ids: tuple[UUID, UUID],
    reason: str,
    state: str,
    due: datetime | None,
    by_name: str,
    at: datetime,
) -> None:
    """The receiver's first row and both receipts' row. new_ids : of the hand-over, of the receiver's contact."""
    handover_id, taken = new_ids
    tx.execute(
        "insert into identified.contact (contact_id, authority, case_key, case_authority, family_name, given_name, "
        "date_of_birth, phone, email, address, postcode, kind, exposure_day, state, since, due, named_at, named_by, "
        "version) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0)",
        [taken, receiver, known.case_key, known.authority, known.family_name, known.given_name, known.date_of_birth,
         known.phone, known.email, known.address, known.postcode, known.kind, known.exposure_day, state, at, due, at,
         by_name],
    )  # fmt: skip
    tx.execute(
        "insert into identified.contact_handover (handover_id, given_contact, taken_contact, giver, receiver, reason, "
        "given_at, given_by, state) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [handover_id, known.contact_id, taken, known.authority, receiver, reason, at, by_name, state],
    )


def receive(tx: Transaction, taken_contact: str, *, by_name: str, at: datetime) -> bool:
    """The receiver's receipt. False: there is nothing to confirm, or it has been."""
    return (
        tx.execute(
            "update identified.contact_handover set received_at = %s, received_by = %s "
            "where taken_contact = %s and received_at is null",
            [at, by_name, taken_contact],
        ).rowcount
        == 1
    )


def tell(tx: Transaction, changed: Contact, *, by_name: str, at: datetime) -> None:
    """How far the receiver has come. Whoever works on a contact has received them: the receipt comes with it."""
    tx.execute(
        "update identified.contact_handover set state = %(state)s, reached_at = %(reached)s, "
        "received_at = coalesce(received_at, %(at)s), received_by = coalesce(received_by, %(name)s) "
        "where taken_contact = %(contact)s",
        {
            "state": changed.state,
            "reached": changed.reached_at,
            "at": at,
            "name": by_name,
            "contact": changed.contact_id,
        },
    )


def outcome(tx: Transaction, changed: Contact) -> None:
    """How far the receiver has come, where no person said so; the receipt stays open."""
    tx.execute(
        "update identified.contact_handover set state = %s, reached_at = %s where taken_contact = %s",
        [changed.state, changed.reached_at, changed.contact_id],
    )


def of_contact(tx: Transaction, contact_id: str) -> Handover | None:
    """The newest that gave this contact away or brought them, seen from either side."""
    with tx.cursor(row_factory=class_row(Handover)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from identified.contact_handover "
            "where given_contact = %(one)s or taken_contact = %(one)s order by given_at desc limit 1",
            {"one": contact_id},
        ).fetchone()


def handovers(tx: Transaction, *, largest: int = 50) -> list[Handover]:
    """Given and taken ones of the reader's authority: those that wait for a receipt first, then the newest."""
    with tx.cursor(row_factory=class_row(Handover)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from identified.contact_handover "
            "order by received_at is not null, given_at desc, handover_id limit %s",
            [largest],
        ).fetchall()
