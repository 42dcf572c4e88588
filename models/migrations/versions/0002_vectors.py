"""Vectors that PostgreSQL can search by itself, where pgvector is."""

from alembic import op

from models import pgvector

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A database that gets pgvector later gets the table from `models.migrate.upgrade`, by the same function.
    pgvector.ensure(op.get_bind())


def downgrade() -> None:
    pgvector.drop(op.get_bind())
