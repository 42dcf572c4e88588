"""One idea, with the promise, the decisions and the events that belong to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from models import (
    Assignment,
    Attachment,
    DecisionRecord,
    DuplicateLink,
    Event,
    Framework,
    Idea,
    IntakeRecord,
    Person,
    Unit,
)
from models.words import IntakeOutcome, LinkState


@dataclass(frozen=True, slots=True)
class IdeaView:
    """One idea as it stands. `framework` is a slug; `submitter` is None for an anonymous idea."""

    id: int
    reference: str
    title: str
    text: str
    language: str | None
    status: str
    received_at: datetime
    is_anonymous: bool
    submitter_id: int | None
    submitter: str | None
    submitter_email: str | None
    unit: str | None
    framework: str | None


@dataclass(frozen=True, slots=True)
class PromiseView:
    """Who decides, and by when, as it was promised."""

    person_id: int
    person: str
    deputises_for_id: int | None
    deputises_for: str | None
    due_on: date
    framework_version_id: int | None


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What a person decided, with the public reason."""

    number: int
    kind: str
    person_id: int
    person: str
    reason: str
    parked_until: date | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened to an idea; `person` is None when the machine did it."""

    kind: str
    at: datetime
    person: str | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file that came with an idea."""

    id: int
    name: str


def find_idea(session: Session, idea_id: int | None) -> IdeaView | None:
    """Return one idea, or None when there is none with this id."""
    return _find(session, Idea.id == idea_id)


def find_idea_by_token_hash(session: Session, token_hash: str) -> IdeaView | None:
    """Return the anonymous idea that a follow token was given for."""
    return _find(session, Idea.follow_token_hash == token_hash)


def find_idea_by_reference(session: Session, reference: str) -> IdeaView | None:
    """Return the idea with this reference."""
    return _find(session, Idea.reference == reference)


def _find(session: Session, condition: ColumnElement[bool]) -> IdeaView | None:
    row = session.execute(
        select(Idea, Person, Unit.name, Framework.slug)
        .outerjoin(Person, Person.id == Idea.submitter_id)
        .outerjoin(Unit, Unit.id == Idea.unit_id)
        .outerjoin(Framework, Framework.id == Idea.framework_id)
        .where(condition)
    ).one_or_none()
    if row is None:
        return None
    idea, unit, framework = row[0], row[2], row[3]
    submitter: Person | None = row[1]
    return IdeaView(
        id=idea.id,
        reference=idea.reference,
        title=idea.title,
        text=idea.text,
        language=idea.language,
        status=idea.status,
        received_at=idea.received_at,
        is_anonymous=idea.is_anonymous,
        submitter_id=idea.submitter_id,
        submitter=submitter.name if submitter else None,
        submitter_email=submitter.email if submitter else None,
        unit=unit,
        framework=framework,
    )


def original_of(session: Session, idea_id: int) -> int:
    """Return the id of the idea that this one joined, or its own."""
    joined = session.scalar(
        select(DuplicateLink.original_id).where(
            DuplicateLink.duplicate_id == idea_id, DuplicateLink.state == LinkState.CONFIRMED
        )
    )
    return joined if joined is not None else idea_id


def latest_promise(session: Session, idea_id: int) -> PromiseView | None:
    """Return the promise that holds, or else the last one that held."""
    acting, absent = aliased(Person), aliased(Person)
    row = session.execute(
        select(
            acting.id,
            acting.name,
            absent.id,
            absent.name,
            Assignment.due_on,
            Assignment.framework_version_id,
        )
        .join(acting, acting.id == Assignment.person_id)
        .outerjoin(absent, absent.id == Assignment.deputises_for_id)
        .where(Assignment.idea_id == idea_id)
        .order_by(Assignment.ended_at.is_not(None), Assignment.id.desc())
        .limit(1)
    ).one_or_none()
    return PromiseView(*row) if row is not None else None


def decisions_of(session: Session, idea_id: int) -> tuple[DecisionView, ...]:
    """Return all decisions, earliest first."""
    rows = session.execute(
        select(
            DecisionRecord.number,
            DecisionRecord.kind,
            Person.id,
            Person.name,
            DecisionRecord.reason,
            DecisionRecord.parked_until,
            DecisionRecord.made_at,
        )
        .join(Person, Person.id == DecisionRecord.person_id)
        .where(DecisionRecord.idea_id == idea_id)
        .order_by(DecisionRecord.number)
    )
    return tuple(DecisionView(*row) for row in rows)


def last_decisions(session: Session, idea_ids: Collection[int]) -> dict[int, int]:
    """Return the number of the last decision on ideas; those on which nothing was decided yet are left out."""
    rows = session.execute(
        select(DecisionRecord.idea_id, func.max(DecisionRecord.number))
        .where(DecisionRecord.idea_id.in_(idea_ids))
        .group_by(DecisionRecord.idea_id)
    )
    return dict(rows.all())


def events_of(session: Session, idea_id: int) -> tuple[EventView, ...]:
    """Return all that happened, earliest first."""
    rows = session.execute(
        select(Event.kind, Event.at, Person.name, Event.detail)
        .outerjoin(Person, Person.id == Event.person_id)
        .where(Event.idea_id == idea_id)
        .order_by(Event.id)
    )
    return tuple(EventView(*row) for row in rows)


def remarks_of(session: Session, idea_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return what whoever looks at these ideas should know of how they, and answers to them, came in."""
    rows = session.execute(
        select(IntakeRecord.idea_id, IntakeRecord.outcome, IntakeRecord.detail)
        .where(IntakeRecord.idea_id.in_(idea_ids), IntakeRecord.detail.is_not(None))
        .where(IntakeRecord.outcome.in_([IntakeOutcome.IDEA, IntakeOutcome.REPLY]))
        .order_by(IntakeRecord.id)
    )
    found: dict[int, tuple[str, ...]] = {}
    for idea_id, outcome, detail in rows:
        # The first line of a reply says only that it is one.
        lines = (detail or "").splitlines()[1 if outcome == IntakeOutcome.REPLY else 0 :]
        if idea_id is not None and lines:
            found[idea_id] = (*found.get(idea_id, ()), *lines)
    return found


def attachments_of(session: Session, idea_id: int) -> tuple[AttachmentView, ...]:
    """Return the files of an idea, without their content."""
    rows = session.execute(
        select(Attachment.id, Attachment.name).where(Attachment.idea_id == idea_id).order_by(Attachment.id)
    )
    return tuple(AttachmentView(*row) for row in rows)
