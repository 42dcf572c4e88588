"""Ideas as they are handed out in a table: where they stand, and what people said of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from models import Correction, DecisionRecord, DuplicateLink, Framework, Idea, Person, Unit
from models.words import CorrectionKind, LinkState
from pipeline.core import PlacedBy
from pipeline.store.textmodels.standing import Selection

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ExportedIdea:
    """One idea. `framework`: the last word of a person on it, None when it fits none; else where it is now.

    `placed_by` is a `PlacedBy`, or empty as long as it is nowhere. `decision` and `reason`: the last that was
    decided; `joined`: the reference of the idea that it joined. The last three, who sent it, are only for who may know.
    """

    reference: str
    title: str
    text: str
    language: str | None
    source: str
    received_at: datetime
    status: str
    framework: str | None
    placed_by: str
    decision: str | None
    reason: str | None
    decided_at: datetime | None
    joined: str | None
    is_anonymous: bool
    email: str | None
    name: str | None
    unit: str | None


def count_exported(session: Session, selection: Selection) -> int:
    """How many ideas `exported` gives."""
    return (
        session.scalar(select(func.count()).select_from(_chosen(select(Idea.id), selection).subquery())) or 0
    )


def exported(session: Session, selection: Selection) -> Iterator[ExportedIdea]:
    """The ideas that were chosen, in the order in which they came; a few hundred at a time are in memory.

    One statement, so that all belong to one moment.
    """
    spoken = (
        select(Correction.idea_id, func.max(Correction.id).label("last"))
        .where(Correction.kind == CorrectionKind.FRAMEWORK.value)
        .group_by(Correction.idea_id)
        .subquery()
    )
    decided = (
        select(DecisionRecord.idea_id, func.max(DecisionRecord.number).label("last"))
        .group_by(DecisionRecord.idea_id)
        .subquery()
    )
    original = aliased(Idea)
    query = (
        select(
            Idea.reference,
            Idea.title,
            Idea.text,
            Idea.language,
            Idea.source,
            Idea.received_at,
            Idea.status,
            Idea.is_anonymous,
            Framework.slug,
            Correction.id.label("spoken"),
            Correction.person_value,
            DecisionRecord.kind,
            DecisionRecord.reason,
            DecisionRecord.made_at,
            original.reference.label("joined"),
            Person.email,
            Person.name,
            Unit.slug.label("unit"),
        )
        .outerjoin(Framework, Framework.id == Idea.framework_id)
        .outerjoin(spoken, spoken.c.idea_id == Idea.id)
        .outerjoin(Correction, Correction.id == spoken.c.last)
        .outerjoin(decided, decided.c.idea_id == Idea.id)
        .outerjoin(
            DecisionRecord,
            (DecisionRecord.idea_id == Idea.id) & (DecisionRecord.number == decided.c.last),
        )
        .outerjoin(
            DuplicateLink,
            (DuplicateLink.duplicate_id == Idea.id) & (DuplicateLink.state == LinkState.CONFIRMED),
        )
        .outerjoin(original, original.id == DuplicateLink.original_id)
        .outerjoin(Person, Person.id == Idea.submitter_id)
        .outerjoin(Unit, Unit.id == Idea.unit_id)
        .order_by(Idea.id)
    )
    rows = session.execute(_chosen(query, selection), execution_options={"yield_per": _AT_ONCE})
    for row in rows:
        by_person = row.spoken is not None
        placed_by = PlacedBy.PERSON if by_person else PlacedBy.MACHINE if row.slug is not None else ""
        yield ExportedIdea(
            reference=row.reference,
            title=row.title,
            text=row.text,
            language=row.language,
            source=row.source,
            received_at=row.received_at,
            status=row.status,
            framework=row.person_value if by_person else row.slug,
            placed_by=placed_by,
            decision=row.kind,
            reason=row.reason,
            decided_at=row.made_at,
            joined=row.joined,
            is_anonymous=row.is_anonymous,
            email=row.email,
            name=row.name,
            unit=row.unit,
        )


def _chosen(query: Select[*tuple[Any, ...]], selection: Selection) -> Select[*tuple[Any, ...]]:
    if selection.frameworks:
        chosen = select(Framework.id).where(Framework.slug.in_(selection.frameworks))
        query = query.where(Idea.framework_id.in_(chosen))
    if selection.since is not None:
        query = query.where(Idea.received_at >= selection.since)
    return query
