"""What a person did with kept input and troubled messages; replies by mail; no more sign-in mails."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = (
    "'receipt', 'routed', 'joined', 'with_coordinator', 'to_manager', 'to_coordinator', 'adopted', 'declined', "
    "'parked', 'in_review', 'question', 'handed_over', 'answered', 'twin_joined', 'extended', 'progress'"
)


def upgrade() -> None:
    op.execute(sa.text("DELETE FROM outbox_message WHERE kind = 'sign_in'"))
    with op.batch_alter_table("outbox_message") as table:
        table.add_column(sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True))
        table.drop_constraint(op.f("ck_outbox_message_kind"), type_="check")
        table.create_check_constraint(op.f("ck_outbox_message_kind"), f"kind IN ({KINDS})")
    with op.batch_alter_table("intake_record") as table:
        table.add_column(sa.Column("resolved_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("resolution", sa.Text(), nullable=True))
        table.create_foreign_key(
            op.f("fk_intake_record_resolved_by_id"), "person", ["resolved_by_id"], ["id"]
        )
        table.drop_constraint(op.f("ck_intake_record_outcome"), type_="check")
        table.create_check_constraint(
            op.f("ck_intake_record_outcome"),
            "outcome IN ('idea', 'repeat', 'automatic', 'exception', 'reply')",
        )
        table.drop_constraint(op.f("ck_intake_record_idea_when_accepted"), type_="check")
        table.create_check_constraint(
            op.f("ck_intake_record_idea_when_accepted"),
            "(outcome IN ('idea', 'repeat', 'reply')) = (idea_id IS NOT NULL)",
        )
        table.create_check_constraint(
            op.f("ck_intake_record_resolved_says_how"), "(resolved_at IS NULL) = (resolution IS NULL)"
        )


def downgrade() -> None:
    # What was taken as a reply stays kept, as something for a person to look at.
    op.execute(
        sa.text(
            "UPDATE intake_record SET outcome = 'exception', idea_id = NULL, detail = COALESCE(detail, 'reply') "
            "WHERE outcome = 'reply'"
        )
    )
    with op.batch_alter_table("intake_record") as table:
        table.drop_constraint(op.f("ck_intake_record_resolved_says_how"), type_="check")
        table.drop_constraint(op.f("ck_intake_record_idea_when_accepted"), type_="check")
        table.create_check_constraint(
            op.f("ck_intake_record_idea_when_accepted"),
            "(outcome IN ('idea', 'repeat')) = (idea_id IS NOT NULL)",
        )
        table.drop_constraint(op.f("ck_intake_record_outcome"), type_="check")
        table.create_check_constraint(
            op.f("ck_intake_record_outcome"), "outcome IN ('idea', 'repeat', 'automatic', 'exception')"
        )
        table.drop_constraint(op.f("fk_intake_record_resolved_by_id"), type_="foreignkey")
        table.drop_column("resolution")
        table.drop_column("resolved_by_id")
    with op.batch_alter_table("outbox_message") as table:
        table.drop_constraint(op.f("ck_outbox_message_kind"), type_="check")
        table.create_check_constraint(op.f("ck_outbox_message_kind"), f"kind IN ({KINDS}, 'sign_in')")
        table.drop_column("dismissed_at")
