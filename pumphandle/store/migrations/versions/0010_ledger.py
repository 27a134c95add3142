"""District totals, margins and pools in the ledger; what their planner remembers, as 0010_ledger.sql says."""

from pathlib import Path

from alembic import op

from pumphandle.vocabulary.errors import Refused

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(script)


def downgrade() -> None:
    raise Refused("What was published cannot be taken out of the ledger. Restore a backup instead.")
