"""Messages about an idea in the wrong place, why it stays there, and with a new link."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KINDS = (
    "'receipt', 'routed', 'joined', 'with_coordinator', 'to_manager', 'to_coordinator', 'adopted', 'declined', "
    "'parked', 'in_review', 'question', 'handed_over', 'answered', 'twin_joined', 'extended', 'progress'"
)
NEW = "'objection', 'stays', 'fresh_link'"


def upgrade() -> None:
    _allow_kinds(f"{KINDS}, {NEW}")


def downgrade() -> None:
    # The earlier version can't say these; what was said stays in the history of the idea.
    op.execute(sa.text("DELETE FROM outbox_message WHERE kind IN ('objection', 'stays', 'fresh_link')"))
    _allow_kinds(KINDS)


def _allow_kinds(kinds: str) -> None:
    with op.batch_alter_table("outbox_message") as table:
        table.drop_constraint(op.f("ck_outbox_message_kind"), type_="check")
        table.create_check_constraint(op.f("ck_outbox_message_kind"), f"kind IN ({kinds})")
