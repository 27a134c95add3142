"""Whether anybody's results are kept here yet."""

from pumphandle.store.engine import Transaction


def has_records(tx: Transaction) -> bool:
    """True from the first linked record on. Only for the role that sees every district's."""
    row = tx.execute("select exists (select 1 from identified.record)").fetchone()
    return row is not None and bool(row[0])
