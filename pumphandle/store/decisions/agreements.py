"""Agreements as they stand, and every step that led there."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from pumphandle.governance.agreements import AgreementState, Terms
from pumphandle.store.engine import Transaction
from pumphandle.vocabulary.errors import Refused
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class Agreement:
    """One authority's agreement. `since` is when its state began."""

    authority: str
    state: str
    since: datetime
    fields: list[str]
    purpose: str
    legal_basis: str
    retention_days: int
    expires_on: date
    named_user: str | None
    signed_at: datetime | None
    signed_by: str | None
    notice: str | None
    signature_due: date | None

    def in_force_on(self, day: date) -> bool:
        """Whether records may be shown and delivered on this day."""
        return self.state == AgreementState.ACTIVE and day <= self.expires_on


@dataclass(frozen=True)
class StepTaken:
    """One step. The database refuses to change or remove it."""

    step: str
    before: str | None
    after: str
    at: datetime
    by_name: str
    by_role: str
    reason: str


_COLUMNS = (
    "authority, state, since, fields, purpose, legal_basis, retention_days, expires_on, named_user, signed_at, "
    "signed_by, notice, signature_due"
)


def find(tx: Transaction, authority: str) -> Agreement | None:
    with tx.cursor(row_factory=class_row(Agreement)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from decisions.agreement where authority = %s".encode(), [authority]
        ).fetchone()


def every(tx: Transaction) -> dict[str, Agreement]:
    """By authority; only what the reader may see."""
    with tx.cursor(row_factory=class_row(Agreement)) as cursor:
        found = cursor.execute(f"select {_COLUMNS} from decisions.agreement order by authority".encode()).fetchall()
    return {one.authority: one for one in found}


def steps(tx: Transaction, authority: str) -> list[StepTaken]:
    """Oldest first."""
    with tx.cursor(row_factory=class_row(StepTaken)) as cursor:
        return cursor.execute(
            "select step, before, after, at, by_name, by_role, reason from decisions.agreement_step "
            "where authority = %s order by step_id",
            [authority],
        ).fetchall()


def offer(tx: Transaction, authority: str, terms: Terms, *, at: datetime) -> None:
    """New terms, in place of an agreement that has expired or of none."""
    tx.execute(
        "insert into decisions.agreement (authority, state, since, fields, purpose, legal_basis, retention_days, "
        "expires_on) values (%s, 'OFFERED', %s, %s, %s, %s, %s, %s) on conflict (authority) do update set "
        "state = 'OFFERED', since = excluded.since, fields = excluded.fields, purpose = excluded.purpose, "
        "legal_basis = excluded.legal_basis, retention_days = excluded.retention_days, "
        "expires_on = excluded.expires_on, named_user = null, signed_at = null, signed_by = null, notice = null, "
        "signature_due = null where agreement.state = 'EXPIRED'",
        [
            authority,
            at,
            list(terms.fields),
            terms.purpose,
            terms.legal_basis,
            terms.retention_days,
            terms.expires_on,
        ],
    )


def move(tx: Transaction, known: Agreement, state: AgreementState, *, at: datetime) -> None:
    """Raises Refused if somebody else has moved it meanwhile."""
    moved = tx.execute(
        "update decisions.agreement set state = %s, since = case when state = %s then since else %s end "
        "where authority = %s and state = %s and since = %s",
        [state, state, at, known.authority, known.state, known.since],
    )
    if moved.rowcount != 1:
        raise Refused("Somebody else has moved this agreement meanwhile. Look at it again.")


def name_user(tx: Transaction, authority: str, user_name: str) -> None:
    tx.execute("update decisions.agreement set named_user = %s where authority = %s", [user_name, authority])


def sign(tx: Transaction, authority: str, *, by: str, at: datetime) -> None:
    tx.execute(
        "update decisions.agreement set signed_at = %s, signed_by = %s where authority = %s", [at, by, authority]
    )


def stand_on_notice(tx: Transaction, authority: str, *, notice: str, signature_due: date) -> None:
    tx.execute(
        "update decisions.agreement set notice = %s, signature_due = %s where authority = %s",
        [notice, signature_due, authority],
    )


def remember(
    tx: Transaction,
    authority: str,
    *,
    step: str,
    before: str | None,
    after: str,
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    tx.execute(
        "insert into decisions.agreement_step (authority, step, before, after, at, by_name, by_role, reason) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s)",
        [authority, step, before, after, at, by.name, by.role, reason],
    )


def due(tx: Transaction, today: date) -> list[tuple[str, str]]:
    """(authority, step) that the clock must take: expire what is over, suspend what was never signed."""
    return tx.execute(
        "select authority, case when expires_on < %(today)s then 'expire' else 'suspend' end "
        "from decisions.agreement where (expires_on < %(today)s and state <> 'EXPIRED') "
        "or (state = 'ACTIVE' and signed_at is null and signature_due < %(today)s) order by authority",
        {"today": today},
    ).fetchall()
