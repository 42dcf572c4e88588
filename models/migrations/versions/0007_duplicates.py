"""Rare words of readings, what a submitter said is the same, and by what an idea was compared."""

import sqlalchemy as sa
from alembic import op

from models.base import Json

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty for what was read before: until the second look has filled it in, it is found in the words themselves.
    op.add_column("idea_reading", sa.Column("rare", sa.LargeBinary(), nullable=True))
    op.add_column("idea", sa.Column("compared_by", sa.String(length=64), nullable=True))
    op.add_column("idea", sa.Column("same_as_id", sa.Integer(), nullable=True))
    op.add_column("text_model_version", sa.Column("pair_weights", Json, nullable=True))
    op.add_column("text_model_version", sa.Column("pairs_version", sa.String(length=64), nullable=True))
    op.bulk_insert(sa.table("lease", sa.column("name", sa.String())), [{"name": "second look"}])


def downgrade() -> None:
    op.execute("DELETE FROM lease WHERE name = 'second look'")
    op.drop_column("text_model_version", "pairs_version")
    op.drop_column("text_model_version", "pair_weights")
    op.drop_column("idea", "same_as_id")
    op.drop_column("idea", "compared_by")
    op.drop_column("idea_reading", "rare")
