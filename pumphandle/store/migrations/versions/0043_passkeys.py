"""Passkeys, as 0043_passkeys.sql says."""

from pathlib import Path

from alembic import op

from pumphandle.vocabulary.errors import Refused

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    # no parameters: a percent sign in the script means itself
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(script)


def downgrade() -> None:
    raise Refused("Migrations only go forward. Restore a backup instead.")
