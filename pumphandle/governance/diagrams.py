"""The state tables of governance as a document; a test holds the file to it."""

import sys
from typing import Final

from pumphandle.governance.break_glass import GLASS
from pumphandle.governance.clusters import CLUSTER
from pumphandle.governance.concerns import CONCERN
from pumphandle.governance.exports import EXPORT
from pumphandle.governance.holds import HOLD
from pumphandle.governance.lifecycle import Lifecycle
from pumphandle.governance.releases import RELEASE

TABLES: Final[tuple[Lifecycle, ...]] = (RELEASE, CONCERN, HOLD, CLUSTER, EXPORT, GLASS)


def as_markdown() -> str:
    """docs/reference/states.md."""
    head = [
        "# States",
        "",
        "Drawn from the tables in `pumphandle/governance` by `just docs`; what is not an arrow is refused.",
        "",
    ]
    return "\n".join([*head, *(table.markdown() for table in TABLES)])


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
