"""Views of the line list that somebody keeps: filters, columns and order that point at nobody."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from pumphandle.store.engine import Transaction


@dataclass(frozen=True)
class SavedView:
    """question : as it stands in the address of the line list; shared : the whole team sees it"""

    view_id: int
    user_name: str
    name: str
    question: dict[str, str]
    shared: bool


def views(tx: Transaction, user_name: str) -> list[SavedView]:
    """One's own and those shared in the authority, by name."""
    with tx.cursor(row_factory=class_row(SavedView)) as cursor:
        return cursor.execute(
            "select view_id, user_name, name, question, shared from decisions.saved_view "
            "where user_name = %s or shared order by lower(name), view_id",
            [user_name],
        ).fetchall()


def keep(
    tx: Transaction, *, authority: str, user_name: str, name: str, question: dict[str, str], shared: bool, at: datetime
) -> None:
    """A view of the same name of the same person is replaced."""
    tx.execute(
        "insert into decisions.saved_view (authority, user_name, name, question, shared, made_at) "
        "values (%s, %s, %s, %s, %s, %s) on conflict (user_name, name) "
        "do update set question = excluded.question, shared = excluded.shared, made_at = excluded.made_at",
        [authority, user_name, name, Jsonb(question), shared, at],
    )


def drop(tx: Transaction, view_id: int, *, user_name: str) -> bool:
    """False: there is none of this person's own."""
    return (
        tx.execute(
            "delete from decisions.saved_view where view_id = %s and user_name = %s", [view_id, user_name]
        ).rowcount
        == 1
    )
