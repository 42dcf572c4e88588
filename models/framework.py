"""Frameworks, their versions, limits and managers."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, JsonList, Line, LongText, Moment, Word, one_of
from models.words import FrameworkState


class Framework(Base):
    """What is asked of people. All that may change stands in its versions."""

    __tablename__ = "framework"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[Word] = mapped_column(unique=True)

    versions: Mapped[list["FrameworkVersion"]] = relationship(lazy="raise", back_populates="framework")


class FrameworkVersion(Base):
    """One wording of a framework. After publication a change is a new version."""

    __tablename__ = "framework_version"
    __table_args__ = (
        UniqueConstraint("framework_id", "number"),
        CheckConstraint(one_of("state", FrameworkState), name="state"),
        CheckConstraint("response_days BETWEEN 1 AND 260", name="response_days"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        CheckConstraint("closes_on IS NULL OR opens_on IS NULL OR closes_on >= opens_on", name="window"),
        # At most one version of a framework is in force.
        Index(
            "uq_framework_version_published",
            "framework_id",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    framework_id: Mapped[int] = mapped_column(ForeignKey("framework.id"))
    number: Mapped[int]
    state: Mapped[Word]
    title: Mapped[Line]
    description: Mapped[LongText]
    goal: Mapped[LongText]
    examples: Mapped[JsonList]
    opens_on: Mapped[date | None]
    closes_on: Mapped[date | None]
    response_days: Mapped[int]
    capacity: Mapped[int | None]
    published_at: Mapped[Moment | None]

    framework: Mapped[Framework] = relationship(lazy="raise", back_populates="versions")
    limits: Mapped[list["FrameworkLimit"]] = relationship(lazy="raise", order_by="FrameworkLimit.position")
    managers: Mapped[list["FrameworkManager"]] = relationship(lazy="raise")


class FrameworkLimit(Base):
    """One thing that falls outside a framework, with the reason."""

    __tablename__ = "framework_limit"
    __table_args__ = (UniqueConstraint("framework_version_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[Line]
    reason: Mapped[LongText]


class FrameworkManager(Base):
    """Who decides within a framework for a unit; without a unit: for all other units."""

    __tablename__ = "framework_manager"
    __table_args__ = (
        UniqueConstraint("framework_version_id", "unit_id"),
        Index(
            "uq_framework_manager_all_units",
            "framework_version_id",
            unique=True,
            sqlite_where=text("unit_id IS NULL"),
            postgresql_where=text("unit_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    framework_version_id: Mapped[int] = mapped_column(ForeignKey("framework_version.id", ondelete="CASCADE"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
