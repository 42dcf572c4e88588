"""What the machine thought and what people said."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, JsonList, JsonObject, LongText, Moment, Word, one_of
from models.framework import FrameworkVersion
from models.organisation import Person
from models.words import CorrectionKind, DecisionKind, LinkState


class Assessment(Base):
    """What the machine thought of an idea at one moment. Never changed afterwards."""

    __tablename__ = "assessment"
    __table_args__ = (UniqueConstraint("idea_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    number: Mapped[int]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("reprocessing_run.id"))
    made_at: Mapped[Moment]
    model_version: Mapped[Word]
    framework_versions: Mapped[JsonObject]
    decision: Mapped[Word]
    probability_none: Mapped[float]
    candidates: Mapped[JsonList]
    limits: Mapped[JsonList]
    precedents: Mapped[JsonList | None]
    duplicates: Mapped[JsonList]
    route: Mapped[JsonObject]


class DuplicateLink(Base):
    """That two ideas are the same one, pointing from the later idea to the earliest. A link, never a deletion."""

    __tablename__ = "duplicate_link"
    __table_args__ = (
        CheckConstraint(one_of("state", LinkState), name="state"),
        CheckConstraint("original_id < duplicate_id", name="to_the_earlier"),
        CheckConstraint("score BETWEEN 0 AND 1", name="score"),
        UniqueConstraint("duplicate_id", "original_id"),
        Index(
            "uq_duplicate_link_confirmed",
            "duplicate_id",
            unique=True,
            sqlite_where=text("state = 'confirmed'"),
            postgresql_where=text("state = 'confirmed'"),
        ),
        Index("ix_duplicate_link_original", "original_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    duplicate_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    original_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    state: Mapped[Word]
    score: Mapped[float]
    evidence: Mapped[JsonObject]
    made_at: Mapped[Moment]
    decided_at: Mapped[Moment | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Assignment(Base):
    """Idea to manager, with the promise as it was made. At most one holds at a time."""

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= made_at", name="in_order"),
        Index(
            "uq_assignment_open",
            "idea_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_assignment_person_open", "person_id", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    deputises_for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    framework_version_id: Mapped[int | None] = mapped_column(ForeignKey("framework_version.id"))
    due_on: Mapped[date]
    promise: Mapped[LongText]
    made_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])
    framework_version: Mapped[FrameworkVersion | None] = relationship(lazy="raise")


class DecisionRecord(Base):
    """A decision by a person, with a public reason."""

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint(one_of("kind", DecisionKind), name="kind"),
        CheckConstraint("length(trim(reason)) > 0", name="has_reason"),
        CheckConstraint("(kind = 'park') = (parked_until IS NOT NULL)", name="park_has_date"),
        UniqueConstraint("idea_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    number: Mapped[int]
    kind: Mapped[Word]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[LongText]
    parked_until: Mapped[date | None]
    made_at: Mapped[Moment]

    person: Mapped[Person] = relationship(lazy="raise")


class Correction(Base):
    """A person's word on framework or duplicate: the training data."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint(one_of("kind", CorrectionKind), name="kind"),
        Index("ix_correction_idea", "idea_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    kind: Mapped[Word]
    # A framework's slug or the other idea's reference; None: fits none, or no duplicate.
    machine_value: Mapped[Word | None]
    person_value: Mapped[Word | None]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[Moment]


class Event(Base):
    """Something that happened to an idea. `person_id` is empty when the machine did it."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_idea", "idea_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    kind: Mapped[Word]
    at: Mapped[Moment]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    detail: Mapped[JsonObject]
