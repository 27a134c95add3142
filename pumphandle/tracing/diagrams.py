"""The state table of a follow-up as a document; a test compares it with the file."""

import sys

from pumphandle.tracing.follow_up import FOLLOW_UP


def as_markdown() -> str:
    """docs/reference/follow-up.md."""
    head = [
        "# What becomes of a contact",
        "",
        "Drawn from the table in `pumphandle/tracing/follow_up.py` by `just docs`; what is not an arrow is refused.",
        "Hours and days are thresholds that people choose: `reach_hours`, `check_hours`, `isolation_days`.",
        "",
    ]
    return "\n".join([*head, FOLLOW_UP.markdown()])


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
