"""The five shelves, as 0001_shelves.sql says."""

from pathlib import Path

from alembic import op

from pumphandle.vocabulary.errors import Refused

revision = "0001"
down_revision = None


def upgrade() -> None:
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    # no parameters: a percent sign in the script means itself
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(script)


def downgrade() -> None:
    raise Refused("The first migration made every shelf: undoing it would delete the record. Restore a backup instead.")
