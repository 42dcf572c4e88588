"""The first schema: all words of the design."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "framework",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework")),
        sa.UniqueConstraint("slug", name=op.f("uq_framework_slug")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "reprocessing_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.Column(
            "selection",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('dry_run', 'ready', 'applying', 'applied', 'cancelled')",
            name=op.f("ck_reprocessing_run_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reprocessing_run")),
    )
    op.create_table(
        "text_model_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("space", sa.String(length=64), nullable=False),
        sa.Column("dimensions", sa.Integer(), nullable=False),
        sa.Column("data_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "framework_versions",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "metrics",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("trained_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_model_version")),
        sa.UniqueConstraint("version", name=op.f("uq_text_model_version_version")),
    )
    op.create_index(
        "uq_text_model_version_active",
        "text_model_version",
        ["is_active"],
        unique=True,
        sqlite_where=sa.text("is_active"),
        postgresql_where=sa.text("is_active"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("slug", name=op.f("uq_unit_slug")),
    )
    op.create_table(
        "framework_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("framework_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column(
            "examples",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("response_days", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'replaced', 'closed')", name=op.f("ck_framework_version_state")
        ),
        sa.CheckConstraint("capacity IS NULL OR capacity >= 0", name=op.f("ck_framework_version_capacity")),
        sa.CheckConstraint(
            "closes_on IS NULL OR opens_on IS NULL OR closes_on >= opens_on",
            name=op.f("ck_framework_version_window"),
        ),
        sa.CheckConstraint(
            "response_days BETWEEN 1 AND 260", name=op.f("ck_framework_version_response_days")
        ),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["framework.id"], name=op.f("fk_framework_version_framework_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_version")),
        sa.UniqueConstraint("framework_id", "number", name=op.f("uq_framework_version_framework_id_number")),
    )
    op.create_index(
        "uq_framework_version_published",
        "framework_version",
        ["framework_id"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("email", sa.String(length=500), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("is_coordinator", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_person_email_lower")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("deputy_id <> person_id", name=op.f("ck_absence_deputy_is_another")),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_absence_in_order")),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_absence_deputy_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_absence_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_person_days", "absence", ["person_id", "first_day", "last_day"], unique=False)
    op.create_table(
        "framework_limit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("framework_version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_version_id"],
            ["framework_version.id"],
            name=op.f("fk_framework_limit_framework_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_limit")),
        sa.UniqueConstraint(
            "framework_version_id", "position", name=op.f("uq_framework_limit_framework_version_id_position")
        ),
    )
    op.create_table(
        "framework_manager",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("framework_version_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_version_id"],
            ["framework_version.id"],
            name=op.f("fk_framework_manager_framework_version_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_framework_manager_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_framework_manager_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_manager")),
        sa.UniqueConstraint(
            "framework_version_id", "unit_id", name=op.f("uq_framework_manager_framework_version_id_unit_id")
        ),
    )
    op.create_index(
        "uq_framework_manager_all_units",
        "framework_manager",
        ["framework_version_id"],
        unique=True,
        sqlite_where=sa.text("unit_id IS NULL"),
        postgresql_where=sa.text("unit_id IS NULL"),
    )
    op.create_table(
        "idea",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("submitter_id", sa.Integer(), nullable=True),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("is_quiet", sa.Boolean(), nullable=False),
        sa.Column("follow_token_hash", sa.String(length=64), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("framework_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_read", sa.Boolean(), nullable=False),
        sa.Column("claim_owner", sa.String(length=64), nullable=True),
        sa.Column("claim_token", sa.String(length=64), nullable=True),
        sa.Column("claim_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.CheckConstraint("source IN ('email', 'form', 'api', 'import')", name=op.f("ck_idea_source")),
        sa.CheckConstraint(
            "status IN ('received', 'triaged', 'assigned', 'with_coordinator', 'joined', 'in_review', 'waiting_for_submitter', 'adopted', 'declined', 'parked', 'in_progress', 'realised', 'stopped')",
            name=op.f("ck_idea_status"),
        ),
        sa.CheckConstraint(
            "NOT (is_anonymous AND submitter_id IS NOT NULL)", name=op.f("ck_idea_anonymous_has_no_submitter")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_idea_attempts")),
        sa.ForeignKeyConstraint(["framework_id"], ["framework.id"], name=op.f("fk_idea_framework_id")),
        sa.ForeignKeyConstraint(["submitter_id"], ["person.id"], name=op.f("fk_idea_submitter_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_idea_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea")),
        sa.UniqueConstraint("follow_token_hash", name=op.f("uq_idea_follow_token_hash")),
        sa.UniqueConstraint("reference", name=op.f("uq_idea_reference")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_idea_fingerprint", "idea", ["fingerprint"], unique=False)
    op.create_index("ix_idea_status_framework", "idea", ["status", "framework_id"], unique=False)
    op.create_index("ix_idea_submitter", "idea", ["submitter_id"], unique=False)
    op.create_index(
        "ix_idea_waiting",
        "idea",
        ["id"],
        unique=False,
        sqlite_where=sa.text("status = 'received'"),
        postgresql_where=sa.text("status = 'received'"),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.Column(
            "framework_versions",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("decision", sa.String(length=64), nullable=False),
        sa.Column("probability_none", sa.Double(), nullable=False),
        sa.Column(
            "candidates",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "limits",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "duplicates",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "route",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["idea.id"], name=op.f("fk_assessment_idea_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["reprocessing_run.id"], name=op.f("fk_assessment_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("idea_id", "number", name=op.f("uq_assessment_idea_id_number")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("deputises_for_id", sa.Integer(), nullable=True),
        sa.Column("framework_version_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("promise", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= made_at", name=op.f("ck_assignment_in_order")),
        sa.ForeignKeyConstraint(
            ["deputises_for_id"], ["person.id"], name=op.f("fk_assignment_deputises_for_id")
        ),
        sa.ForeignKeyConstraint(
            ["framework_version_id"],
            ["framework_version.id"],
            name=op.f("fk_assignment_framework_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["idea.id"], name=op.f("fk_assignment_idea_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_person_open", "assignment", ["person_id", "due_on"], unique=False)
    op.create_index(
        "uq_assignment_open",
        "assignment",
        ["idea_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("content_type", sa.String(length=500), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["idea.id"], name=op.f("fk_attachment_idea_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_idea_id"), "attachment", ["idea_id"], unique=False)
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("machine_value", sa.String(length=64), nullable=True),
        sa.Column("person_value", sa.String(length=64), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('framework', 'duplicate')", name=op.f("ck_correction_kind")),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["idea.id"], name=op.f("fk_correction_idea_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_correction_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_idea", "correction", ["idea_id", "kind"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("parked_until", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'park') = (parked_until IS NOT NULL)", name=op.f("ck_decision_park_has_date")
        ),
        sa.CheckConstraint(
            "kind IN ('adopt', 'decline', 'park', 'ask', 'hand_over', 'start', 'realise', 'stop', 'extend')",
            name=op.f("ck_decision_kind"),
        ),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_decision_has_reason")),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["idea.id"], name=op.f("fk_decision_idea_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_decision_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("idea_id", "number", name=op.f("uq_decision_idea_id_number")),
    )
    op.create_table(
        "duplicate_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duplicate_id", sa.Integer(), nullable=False),
        sa.Column("original_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column(
            "evidence",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('suggested', 'confirmed', 'rejected', 'undone')", name=op.f("ck_duplicate_link_state")
        ),
        sa.CheckConstraint("original_id < duplicate_id", name=op.f("ck_duplicate_link_to_the_earlier")),
        sa.CheckConstraint("score BETWEEN 0 AND 1", name=op.f("ck_duplicate_link_score")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_duplicate_link_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_id"], ["idea.id"], name=op.f("fk_duplicate_link_duplicate_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["original_id"], ["idea.id"], name=op.f("fk_duplicate_link_original_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_link")),
        sa.UniqueConstraint(
            "duplicate_id", "original_id", name=op.f("uq_duplicate_link_duplicate_id_original_id")
        ),
    )
    op.create_index("ix_duplicate_link_original", "duplicate_link", ["original_id", "state"], unique=False)
    op.create_index(
        "uq_duplicate_link_confirmed",
        "duplicate_link",
        ["duplicate_id"],
        unique=True,
        sqlite_where=sa.text("state = 'confirmed'"),
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column(
            "detail",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_event_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_event_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_idea", "event", ["idea_id", "id"], unique=False)
    op.create_table(
        "idea_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.Column("space", sa.String(length=64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("decision", sa.String(length=64), nullable=False),
        sa.Column("probability_none", sa.Double(), nullable=False),
        sa.Column(
            "candidates",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "limits",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["idea.id"], name=op.f("fk_idea_reading_idea_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea_reading")),
        sa.UniqueConstraint("idea_id", "model_version", name=op.f("uq_idea_reading_idea_id_model_version")),
    )
    op.create_index("ix_idea_reading_space", "idea_reading", ["space", "idea_id"], unique=False)
    op.create_table(
        "intake_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("delivery_key", sa.String(length=500), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("origin", sa.String(length=500), nullable=True),
        sa.Column("content_type", sa.String(length=500), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(outcome IN ('idea', 'repeat')) = (idea_id IS NOT NULL)",
            name=op.f("ck_intake_record_idea_when_accepted"),
        ),
        sa.CheckConstraint(
            "outcome IN ('idea', 'repeat', 'automatic', 'exception')", name=op.f("ck_intake_record_outcome")
        ),
        sa.CheckConstraint(
            "outcome NOT IN ('exception') OR detail IS NOT NULL",
            name=op.f("ck_intake_record_exception_has_detail"),
        ),
        sa.CheckConstraint(
            "source IN ('email', 'form', 'api', 'import')", name=op.f("ck_intake_record_source")
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_intake_record_idea_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_record")),
        sa.UniqueConstraint("source", "delivery_key", name=op.f("uq_intake_record_source_delivery_key")),
    )
    op.create_index("ix_intake_record_idea", "intake_record", ["idea_id"], unique=False)
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=True),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "payload",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("claim_owner", sa.String(length=64), nullable=True),
        sa.Column("claim_token", sa.String(length=64), nullable=True),
        sa.Column("claim_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('receipt', 'routed', 'joined', 'with_coordinator', 'to_manager', 'to_coordinator', 'adopted', 'declined', 'parked', 'question', 'handed_over', 'answered', 'twin_joined', 'extended', 'progress', 'sign_in')",
            name=op.f("ck_outbox_message_kind"),
        ),
        sa.CheckConstraint(
            "status <> 'sent' OR sent_at IS NOT NULL", name=op.f("ck_outbox_message_sent_has_moment")
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'sending', 'sent', 'uncertain', 'failed', 'cancelled')",
            name=op.f("ck_outbox_message_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('failed', 'uncertain', 'cancelled') OR trouble IS NOT NULL",
            name=op.f("ck_outbox_message_says_why"),
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["idea.id"], name=op.f("fk_outbox_message_idea_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_outbox_message_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint(
            "idea_id",
            "recipient_id",
            "kind",
            "revision",
            name=op.f("uq_outbox_message_idea_id_recipient_id_kind_revision"),
        ),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_message_id")),
    )
    op.create_index("ix_outbox_message_idea", "outbox_message", ["idea_id"], unique=False)
    op.create_index(
        "ix_outbox_message_unsent",
        "outbox_message",
        ["not_before", "id"],
        unique=False,
        sqlite_where=sa.text("status IN ('pending', 'sending')"),
        postgresql_where=sa.text("status IN ('pending', 'sending')"),
    )
    op.create_table(
        "reprocessing_item",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column(
            "before",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "after",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'unchanged', 'changed', 'applied', 'skipped')",
            name=op.f("ck_reprocessing_item_status"),
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["idea.id"], name=op.f("fk_reprocessing_item_idea_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["reprocessing_run.id"], name=op.f("fk_reprocessing_item_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "idea_id", name=op.f("pk_reprocessing_item")),
    )
    op.create_index(
        "ix_reprocessing_item_pending",
        "reprocessing_item",
        ["run_id", "idea_id"],
        unique=False,
        sqlite_where=sa.text("status IN ('pending', 'changed')"),
        postgresql_where=sa.text("status IN ('pending', 'changed')"),
    )

    op.bulk_insert(
        sa.table("lease", sa.column("name", sa.String)),
        [{"name": "settle"}, {"name": "train"}, {"name": "reprocess"}],
    )


def downgrade() -> None:

    op.drop_index(
        "ix_reprocessing_item_pending",
        table_name="reprocessing_item",
        sqlite_where=sa.text("status IN ('pending', 'changed')"),
        postgresql_where=sa.text("status IN ('pending', 'changed')"),
    )
    op.drop_table("reprocessing_item")
    op.drop_index(
        "ix_outbox_message_unsent",
        table_name="outbox_message",
        sqlite_where=sa.text("status IN ('pending', 'sending')"),
        postgresql_where=sa.text("status IN ('pending', 'sending')"),
    )
    op.drop_index("ix_outbox_message_idea", table_name="outbox_message")
    op.drop_table("outbox_message")
    op.drop_index("ix_intake_record_idea", table_name="intake_record")
    op.drop_table("intake_record")
    op.drop_index("ix_idea_reading_space", table_name="idea_reading")
    op.drop_table("idea_reading")
    op.drop_index("ix_event_idea", table_name="event")
    op.drop_table("event")
    op.drop_index(
        "uq_duplicate_link_confirmed",
        table_name="duplicate_link",
        sqlite_where=sa.text("state = 'confirmed'"),
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.drop_index("ix_duplicate_link_original", table_name="duplicate_link")
    op.drop_table("duplicate_link")
    op.drop_table("decision")
    op.drop_index("ix_correction_idea", table_name="correction")
    op.drop_table("correction")
    op.drop_index(op.f("ix_attachment_idea_id"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_index(
        "uq_assignment_open",
        table_name="assignment",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_assignment_person_open", table_name="assignment")
    op.drop_table("assignment")
    op.drop_table("assessment")
    op.drop_index(
        "ix_idea_waiting",
        table_name="idea",
        sqlite_where=sa.text("status = 'received'"),
        postgresql_where=sa.text("status = 'received'"),
    )
    op.drop_index("ix_idea_submitter", table_name="idea")
    op.drop_index("ix_idea_status_framework", table_name="idea")
    op.drop_index("ix_idea_fingerprint", table_name="idea")
    op.drop_table("idea")
    op.drop_index(
        "uq_framework_manager_all_units",
        table_name="framework_manager",
        sqlite_where=sa.text("unit_id IS NULL"),
        postgresql_where=sa.text("unit_id IS NULL"),
    )
    op.drop_table("framework_manager")
    op.drop_table("framework_limit")
    op.drop_index("ix_absence_person_days", table_name="absence")
    op.drop_table("absence")
    op.drop_table("person")
    op.drop_index(
        "uq_framework_version_published",
        table_name="framework_version",
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
    op.drop_table("framework_version")
    op.drop_table("unit")
    op.drop_index(
        "uq_text_model_version_active",
        table_name="text_model_version",
        sqlite_where=sa.text("is_active"),
        postgresql_where=sa.text("is_active"),
    )
    op.drop_table("text_model_version")
    op.drop_table("reprocessing_run")
    op.drop_table("lease")
    op.drop_table("framework")
    op.drop_table("counter")
