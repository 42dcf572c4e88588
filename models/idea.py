"""Ideas, what came in at the doors, and what the text model read in them."""

from hashlib import sha256
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, JsonList, JsonMaybe, JsonObject, Line, LongText, Moment, Word, one_of
from models.organisation import Person, Unit
from models.words import IdeaStatus, IntakeOutcome, Source


def file_digest(content: bytes) -> str:
    """What tells whether two files are the same: SHA-256, in hex."""
    return sha256(content).hexdigest()


def _digest_of_content(context: DefaultExecutionContext) -> str:
    values: dict[str, Any] = context.get_current_parameters()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    return file_digest(values["content"])


WAITING = text("status = 'received'")


class Idea(Base):
    """One idea. The row is the queue: a worker holds it by its lease (owner, token, expiry)."""

    __tablename__ = "idea"
    __table_args__ = (
        CheckConstraint(one_of("status", IdeaStatus), name="status"),
        CheckConstraint(one_of("source", Source), name="source"),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("NOT (is_anonymous AND submitter_id IS NOT NULL)", name="anonymous_has_no_submitter"),
        # Only what waits is in this index, so that a claim costs the same at a million ideas.
        Index("ix_idea_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_idea_fingerprint", "fingerprint"),
        Index("ix_idea_submitter", "submitter_id"),
        Index("ix_idea_status_framework", "status", "framework_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[Word] = mapped_column(unique=True)
    source: Mapped[Word]
    submitter_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    is_anonymous: Mapped[bool] = mapped_column(default=False)
    # Whoever asked for no automatic answers hears only what a person decided.
    is_quiet: Mapped[bool] = mapped_column(default=False)
    follow_token_hash: Mapped[Word | None] = mapped_column(unique=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    title: Mapped[Line]
    text: Mapped[LongText]
    language: Mapped[Word | None]
    fingerprint: Mapped[Word]
    status: Mapped[Word]
    framework_id: Mapped[int | None] = mapped_column(ForeignKey("framework.id"))
    received_at: Mapped[Moment]
    settled_at: Mapped[Moment | None]
    is_read: Mapped[bool] = mapped_column(default=False)
    claim_owner: Mapped[Word | None]
    claim_token: Mapped[Word | None]
    claim_expires_at: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(default=0)
    # The idea of which the submitter said, when sending this one, that it is the same. No foreign key: what was said
    # stays when that idea is deleted, and SQLite can't add one without writing the table anew.
    same_as_id: Mapped[int | None]
    # By which vector space and pair model it was compared with all earlier ideas; None: look again.
    compared_by: Mapped[Word | None]

    submitter: Mapped[Person | None] = relationship(lazy="raise")
    unit: Mapped[Unit | None] = relationship(lazy="raise")


class IntakeRecord(Base):
    """The raw form of one thing that came in, and what became of it. Kept whatever the outcome."""

    __tablename__ = "intake_record"
    __table_args__ = (
        CheckConstraint(one_of("source", Source), name="source"),
        CheckConstraint(one_of("outcome", IntakeOutcome), name="outcome"),
        CheckConstraint(
            "(outcome IN ('idea', 'repeat', 'reply')) = (idea_id IS NOT NULL)", name="idea_when_accepted"
        ),
        CheckConstraint("(resolved_at IS NULL) = (resolution IS NULL)", name="resolved_says_how"),
        CheckConstraint("outcome NOT IN ('exception') OR detail IS NOT NULL", name="exception_has_detail"),
        # The same mail, request or import row is accepted once, however often it is offered.
        UniqueConstraint("source", "delivery_key"),
        Index("ix_intake_record_idea", "idea_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[Word]
    delivery_key: Mapped[Line]
    outcome: Mapped[Word]
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id"))
    detail: Mapped[LongText | None]
    origin: Mapped[Line | None]
    content_type: Mapped[Line]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[Moment]
    # What a person did with it, in words, when it was kept for a person to look at.
    resolved_at: Mapped[Moment | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    resolution: Mapped[LongText | None]


class Attachment(Base):
    """A file that came with an idea."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    name: Mapped[Line]
    content_type: Mapped[Line]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    # SHA-256, in hex: whether two files are the same one is asked without reading them.
    digest: Mapped[Word] = mapped_column(default=_digest_of_content)


class IdeaReading(Base):
    """What one text model read in one idea: its place in a vector space and the ranked candidates."""

    __tablename__ = "idea_reading"
    __table_args__ = (
        UniqueConstraint("idea_id", "model_version"),
        Index("ix_idea_reading_space", "space", "idea_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    model_version: Mapped[Word]
    space: Mapped[Word]
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)
    decision: Mapped[Word]
    probability_none: Mapped[float]
    candidates: Mapped[JsonList]
    limits: Mapped[JsonList]
    precedents: Mapped[JsonList | None]
    language: Mapped[Word]
    trouble: Mapped[LongText | None]
    # Its rarest words as hashed features, 4 bytes each; None for what was read before they were kept.
    rare: Mapped[bytes | None] = mapped_column(LargeBinary)
    # The signs of the encoder's part of the vector; None for what was read before they were kept.
    meaning: Mapped[bytes | None] = mapped_column(LargeBinary)


class TextModelVersion(Base):
    """A trained text model; its files lie in the models folder under its version."""

    __tablename__ = "text_model_version"
    __table_args__ = (
        Index(
            "uq_text_model_version_active",
            "is_active",
            unique=True,
            sqlite_where=text("is_active"),
            postgresql_where=text("is_active"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[Word] = mapped_column(unique=True)
    space: Mapped[Word]
    dimensions: Mapped[int]
    data_hash: Mapped[Word]
    framework_versions: Mapped[JsonObject]
    metrics: Mapped[JsonObject]
    # The pair model as it learned from people's words on links; None: as it ships with Kader.
    pair_weights: Mapped[JsonMaybe]
    pairs_version: Mapped[Word | None]
    trained_at: Mapped[Moment]
    is_active: Mapped[bool] = mapped_column(default=False)
