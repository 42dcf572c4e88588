"""Whose pages the demo opens: a few people of each role, and an idea of theirs."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Assignment, Idea, Person
from models.words import IdeaStatus

MANAGERS = 6
SUBMITTERS = 8


@dataclass(frozen=True, slots=True)
class Door:
    """Somebody's page: `idea_id` is set when the page is about one idea; `note` is a number or a status."""

    person_id: int
    name: str
    idea_id: int | None
    note: str


def coordinators(session: Session) -> tuple[Door, ...]:
    """Return all coordinators."""
    rows = session.execute(
        select(Person.id, Person.name).where(Person.is_coordinator, Person.is_active).order_by(Person.name)
    )
    return tuple(Door(person_id, name, None, "") for person_id, name in rows)


def busiest_managers(session: Session) -> tuple[Door, ...]:
    """Return those with the most open ideas; the note is how many."""
    count = func.count(Assignment.id)
    rows = session.execute(
        select(Person.id, Person.name, count)
        .join(Assignment, Assignment.person_id == Person.id)
        .where(Assignment.ended_at.is_(None), Person.is_active)
        .group_by(Person.id, Person.name)
        .order_by(count.desc(), Person.name)
        .limit(MANAGERS)
    )
    return tuple(Door(person_id, name, None, str(number)) for person_id, name, number in rows)


def some_submitters(session: Session) -> tuple[Door, ...]:
    """Return the submitter of the newest idea of each status; the note is the status."""
    doors: list[Door] = []
    for status in IdeaStatus:
        rows = session.execute(
            select(Person.id, Person.name, Idea.id)
            .join(Person, Person.id == Idea.submitter_id)
            .where(Idea.status == status)
            .order_by(Idea.id.desc())
            .limit(1)
        )
        doors.extend(Door(person_id, name, idea_id, status.value) for person_id, name, idea_id in rows)
    return tuple(doors[:SUBMITTERS])
