"""Reprocessing runs, counters and leases."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonObject, LongText, Moment, Word, one_of
from models.words import RunItemStatus, RunStatus


class ReprocessingRun(Base):
    """A new assessment of many ideas: dry run, difference, approval, applied."""

    __tablename__ = "reprocessing_run"
    __table_args__ = (CheckConstraint(one_of("status", RunStatus), name="status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[Word]
    model_version: Mapped[Word]
    selection: Mapped[JsonObject]
    started_at: Mapped[Moment]
    approved_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]


class ReprocessingItem(Base):
    """One idea within a run: what held before and what would hold after."""

    __tablename__ = "reprocessing_item"
    __table_args__ = (
        CheckConstraint(one_of("status", RunItemStatus), name="status"),
        Index(
            "ix_reprocessing_item_pending",
            "run_id",
            "idea_id",
            sqlite_where=text("status IN ('pending', 'changed')"),
            postgresql_where=text("status IN ('pending', 'changed')"),
        ),
    )

    run_id: Mapped[int] = mapped_column(
        ForeignKey("reprocessing_run.id", ondelete="CASCADE"), primary_key=True
    )
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[Word]
    before: Mapped[JsonObject]
    after: Mapped[JsonObject | None]
    note: Mapped[LongText | None]


class Counter(Base):
    """A number that goes up by one. Its row lock gives ideas their order of arrival."""

    __tablename__ = "counter"

    name: Mapped[Word] = mapped_column(primary_key=True)
    value: Mapped[int]


class Lease(Base):
    """The right to do something alone for a while, such as settling ideas in their order."""

    __tablename__ = "lease"

    name: Mapped[Word] = mapped_column(primary_key=True)
    owner: Mapped[Word | None]
    token: Mapped[Word | None]
    expires_at: Mapped[Moment | None]
