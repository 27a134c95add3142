"""Where postcodes lie, as 0002_points.sql says."""

from pathlib import Path

from alembic import op

from pumphandle.vocabulary.errors import Refused

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    # no parameters: a percent sign in the script means itself
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(script)


def downgrade() -> None:
    raise Refused("Places of postcodes came with the nation that is loaded: load it again instead.")
