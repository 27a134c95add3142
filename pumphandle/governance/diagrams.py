"""The state tables of releases, concerns and holds as a document; a test compares it with the file."""

import sys
from typing import Final

from pumphandle.governance.concerns import CONCERN
from pumphandle.governance.holds import HOLD
from pumphandle.governance.lifecycle import Lifecycle
from pumphandle.governance.releases import RELEASE

TABLES: Final[tuple[Lifecycle, ...]] = (RELEASE, CONCERN, HOLD)


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
