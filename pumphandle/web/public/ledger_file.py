"""The ledger from the public files, for a server that starts: they hold it in one compact piece."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pumphandle.publication.edition import Release
from pumphandle.store.published import reading, tree


def ledger_in_files(
    folder: Path | None, releases: Sequence[Release], *, recalled: int
) -> tuple[int, pl.DataFrame] | None:
    """Sequence of the release that the public files are of, and the ledger until then: read many times quicker than
    from the database. None where they are of another history, or were turned meanwhile."""
    about = None if folder is None else tree.state(folder)
    if folder is None or about is None or str(about.get("form")).rpartition(".")[2] != str(recalled):
        return None
    sequence = int(about["sequence"])
    if not 0 < sequence <= len(releases) or releases[sequence - 1].hash != about["hash"]:
        return None
    root = (folder / tree.CURRENT).resolve()
    try:
        rows = reading.ledger_file(root / tree.LEDGER, {one.release_id: one.sequence for one in releases})
    except FileNotFoundError:
        return None
    return (sequence, rows) if tree.state_of_tree(root) == about else None
