"""People and units."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Person, Unit


@dataclass(frozen=True, slots=True)
class PersonView:
    """An employee who may open pages."""

    id: int
    name: str
    language: str
    is_coordinator: bool


def find_person(session: Session, person_id: int | None) -> PersonView | None:
    """Return somebody who works here; None for who left or was never there."""
    row = session.execute(
        select(Person.id, Person.name, Person.language, Person.is_coordinator).where(
            Person.id == person_id, Person.is_active
        )
    ).one_or_none()
    return PersonView(*row) if row is not None else None


def units(session: Session) -> tuple[tuple[str, str], ...]:
    """Return slug and name of every unit, by name."""
    return tuple(session.execute(select(Unit.slug, Unit.name).order_by(Unit.name)))
