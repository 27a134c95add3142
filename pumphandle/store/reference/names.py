"""What areas are called."""

from collections.abc import Iterable

from pumphandle.store.engine import Transaction


def of_areas(tx: Transaction, codes: Iterable[str]) -> dict[str, str]:
    """Code -> name, of those that exist."""
    rows = tx.execute("select area_code, name from reference.area where area_code = any(%s)", [list(set(codes))])
    return {str(code): str(name) for code, name in rows}
