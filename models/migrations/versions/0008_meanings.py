"""The signs of the encoder's vectors, by which ideas in the other language are found."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty for what was read before: until the second look has filled it in, it is made of the vectors.
    op.add_column("idea_reading", sa.Column("meaning", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("idea_reading", "meaning")
