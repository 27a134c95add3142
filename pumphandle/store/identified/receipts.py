"""The receipts of every delivery, by authority and day, as row-level security lets the reader see them."""

from datetime import date, datetime

from pumphandle.store.engine import Transaction


def board(tx: Transaction, *, first: date) -> dict[tuple[str, date], dict[str, datetime]]:
    """(authority, day) -> stage -> moment, of deliveries since a day."""
    found: dict[tuple[str, date], dict[str, datetime]] = {}
    for authority, day, stage, at in tx.execute(
        "select authority, delivery_date, stage, at from identified.receipt where delivery_date >= %s "
        "order by authority, delivery_date",
        [first],
    ):
        found.setdefault((authority, day), {})[stage] = at
    return found
