"""Lists of work: what is with a manager, and what waits for a coordinator."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from models import Assignment, DecisionRecord, FrameworkVersion, Idea, Person
from models.words import IdeaStatus
from pipeline.store.deciding.objecting import has_open_objection
from pipeline.store.deciding.organisation import owners_away

Row = TypeVar("Row")

AT_A_TIME = 50
# What somebody still has to act on.
UNDECIDED = (
    IdeaStatus.ASSIGNED,
    IdeaStatus.WITH_COORDINATOR,
    IdeaStatus.IN_REVIEW,
    IdeaStatus.WAITING_FOR_SUBMITTER,
)


@dataclass(frozen=True, slots=True)
class WorkView:
    """An idea that is with `person`; `submitter_id` is None for an anonymous one."""

    idea_id: int
    reference: str
    title: str
    text: str
    status: str
    person: str
    due_on: date
    framework: str | None
    submitter_id: int | None


@dataclass(frozen=True, slots=True)
class DecidedView:
    """An idea on which somebody decided."""

    idea_id: int
    reference: str
    title: str
    status: str
    kind: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """A part of a list: page `number`, counted from 1, and how many rows there are on all pages."""

    rows: tuple[Row, ...]
    total: int
    number: int = 1

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // AT_A_TIME))


def offset_of(number: int) -> int:
    """Return how many rows stand before a page."""
    return (number - 1) * AT_A_TIME


def work_of(session: Session, person_id: int, today: date, number: int = 1) -> Page[WorkView]:
    """Return what is undecided with a manager, or with whom this one stands in for today; earliest due first."""
    owners = {person_id, *owners_away(session, person_id, today=today)}
    return _work(
        session,
        number,
        Assignment.person_id.in_(owners),
        Idea.status.in_(UNDECIDED),
        or_(Idea.submitter_id.is_(None), Idea.submitter_id != person_id),
    )


def parked_of(session: Session, person_id: int, number: int = 1) -> Page[WorkView]:
    """Return what a manager parked, earliest due first."""
    return _work(session, number, Assignment.person_id == person_id, Idea.status == IdeaStatus.PARKED)


def waiting_for_coordinator(session: Session, number: int = 1) -> Page[WorkView]:
    """Return what waits for any coordinator, earliest due first; without what `objected` returns."""
    return _work(session, number, Idea.status == IdeaStatus.WITH_COORDINATOR, ~has_open_objection())


def objected(session: Session, number: int = 1) -> Page[WorkView]:
    """Return ideas whose submitter says that they are in the wrong place, earliest due first."""
    return _work(session, number, has_open_objection())


def overdue(session: Session, today: date, number: int = 1) -> Page[WorkView]:
    """Return what managers should have answered before today."""
    waiting = (IdeaStatus.ASSIGNED, IdeaStatus.IN_REVIEW)
    return _work(session, number, Idea.status.in_(waiting), Assignment.due_on < today)


def _work(session: Session, number: int, *conditions: ColumnElement[bool]) -> Page[WorkView]:
    query = (
        select(
            Idea.id,
            Idea.reference,
            Idea.title,
            Idea.text,
            Idea.status,
            Person.name,
            Assignment.due_on,
            FrameworkVersion.title,
            Idea.submitter_id,
        )
        .join(Assignment, (Assignment.idea_id == Idea.id) & Assignment.ended_at.is_(None))
        .join(Person, Person.id == Assignment.person_id)
        .outerjoin(FrameworkVersion, FrameworkVersion.id == Assignment.framework_version_id)
        .where(*conditions)
    )
    ordered = query.order_by(Assignment.due_on, Idea.id)
    rows = session.execute(ordered.limit(AT_A_TIME).offset(offset_of(number)))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return Page(tuple(WorkView(*row) for row in rows), total, number)


def decided_by(session: Session, person_id: int) -> tuple[DecidedView, ...]:
    """Return what somebody decided last, newest first; of each idea only the last decision."""
    last = (
        select(DecisionRecord.idea_id, func.max(DecisionRecord.number).label("number"))
        .group_by(DecisionRecord.idea_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Idea.id,
            Idea.reference,
            Idea.title,
            Idea.status,
            DecisionRecord.kind,
            DecisionRecord.made_at,
        )
        .join(DecisionRecord, DecisionRecord.idea_id == Idea.id)
        .join(last, (last.c.idea_id == DecisionRecord.idea_id) & (last.c.number == DecisionRecord.number))
        .where(DecisionRecord.person_id == person_id)
        .order_by(DecisionRecord.id.desc())
        .limit(AT_A_TIME)
    )
    return tuple(DecidedView(*row) for row in rows)
