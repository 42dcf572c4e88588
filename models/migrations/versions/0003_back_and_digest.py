"""A message that says that an idea is back with who decides, and the digest of an attachment."""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KINDS = (
    "'receipt', 'routed', 'joined', 'with_coordinator', 'to_manager', 'to_coordinator', 'adopted', 'declined', "
    "'parked', {new}'question', 'handed_over', 'answered', 'twin_joined', 'extended', 'progress', 'sign_in'"
)
KIND = "ck_outbox_message_kind"


def upgrade() -> None:
    _allow_kinds(KINDS.format(new="'in_review', "))
    op.add_column("attachment", sa.Column("digest", sa.String(length=64), nullable=True))
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("UPDATE attachment SET digest = encode(sha256(content), 'hex')")
    else:
        # One file at a time: together they may be larger than the memory.
        for (key,) in connection.execute(sa.text("SELECT id FROM attachment")).all():
            content = connection.execute(
                sa.text("SELECT content FROM attachment WHERE id = :id"), {"id": key}
            ).scalar_one()
            connection.execute(
                sa.text("UPDATE attachment SET digest = :digest WHERE id = :id"),
                {"id": key, "digest": sha256(content).hexdigest()},
            )
    with op.batch_alter_table("attachment") as table:
        table.alter_column("digest", existing_type=sa.String(length=64), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("attachment") as table:
        table.drop_column("digest")
    # What says that an idea is back is a message about where it is, which the earlier version calls "routed".
    op.execute(
        "UPDATE outbox_message SET kind = 'routed', revision = revision + 1000 WHERE kind = 'in_review'"
    )
    _allow_kinds(KINDS.format(new=""))


def _allow_kinds(kinds: str) -> None:
    # SQLite can't change a constraint: there the table is written anew, with everything else as it was.
    with op.batch_alter_table("outbox_message") as table:
        table.drop_constraint(op.f(KIND), type_="check")
        table.create_check_constraint(op.f(KIND), f"kind IN ({kinds})")
