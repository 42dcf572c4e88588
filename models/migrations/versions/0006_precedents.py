"""Readings and assessments keep the nearest earlier ideas on which a person decided."""

import sqlalchemy as sa
from alembic import op

from models.base import Json

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty for what was read before.
    op.add_column("idea_reading", sa.Column("precedents", Json, nullable=True))
    op.add_column("assessment", sa.Column("precedents", Json, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("assessment") as table:
        table.drop_column("precedents")
    with op.batch_alter_table("idea_reading") as table:
        table.drop_column("precedents")
