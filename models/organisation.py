"""Units, people and their absences."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Line, Word


class Unit(Base):
    """A part of the organisation."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[Word] = mapped_column(unique=True)
    name: Mapped[Line]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))


class Person(Base):
    """An employee: submitter, manager, coordinator, or more than one of these."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Line]
    email: Mapped[Line] = mapped_column(unique=True)
    language: Mapped[Word]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    is_coordinator: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)

    unit: Mapped[Unit | None] = relationship(lazy="raise")


class Absence(Base):
    """Days, both included, on which a person can't decide, and who does so instead."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="in_order"),
        CheckConstraint("deputy_id <> person_id", name="deputy_is_another"),
        Index("ix_absence_person_days", "person_id", "first_day", "last_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
