"""Which ideas a reprocessing run is about, and where they stand."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kader.nearest import with_nearest
from models import Assignment, Correction, DecisionRecord, Framework, Idea, Person
from models.words import CorrectionKind, IdeaStatus
from pipeline.core import IdeaText
from pipeline.reprocess import Standing

# SQLite allows so many values in one statement.
_BLOCK = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """The choice of ideas; what is empty doesn't narrow it."""

    frameworks: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    since: datetime | None = None

    def as_row(self) -> dict[str, Any]:
        return {**asdict(self), "since": self.since.isoformat() if self.since else None}


def chosen_ids(session: Session, selection: Selection) -> list[int]:
    """Ids of the settled ideas that were chosen, earliest first."""
    query = select(Idea.id).where(Idea.status != IdeaStatus.RECEIVED.value).order_by(Idea.id)
    if selection.frameworks:
        query = query.join(Framework, Framework.id == Idea.framework_id).where(
            Framework.slug.in_(selection.frameworks)
        )
    if selection.statuses:
        query = query.where(Idea.status.in_(selection.statuses))
    if selection.references:
        query = query.where(Idea.reference.in_(selection.references))
    if selection.since is not None:
        query = query.where(Idea.received_at >= selection.since)
    return list(session.scalars(query))


def unknown_words(session: Session, selection: Selection) -> list[str]:
    """What was asked for and doesn't exist at all, as in: framework 'fitsen' (fietsen?)."""
    known = {
        "framework": (selection.frameworks, set(session.scalars(select(Framework.slug)))),
        "status": (selection.statuses, {status.value for status in IdeaStatus}),
        "idea": (
            selection.references,
            set(session.scalars(select(Idea.reference).where(Idea.reference.in_(selection.references)))),
        ),
    }
    return [
        f"{what} {with_nearest(name, names, quoted=True)}"
        for what, (asked, names) in known.items()
        for name in asked
        if name not in names
    ]


def load_words(session: Session, ids: Sequence[int]) -> dict[int, IdeaText]:
    """The words of ideas, by id, earliest first."""
    rows = session.execute(select(Idea.id, Idea.title, Idea.text).where(Idea.id.in_(ids)).order_by(Idea.id))
    return {idea_id: IdeaText(str(idea_id), text, title) for idea_id, title, text in rows}


def standings(session: Session, ids: Sequence[int]) -> dict[int, Standing]:
    """Where ideas stand, by id."""
    found: dict[int, Standing] = {}
    for begin in range(0, len(ids), _BLOCK):
        found |= _standings(session, ids[begin : begin + _BLOCK])
    return found


def _standings(session: Session, ids: Sequence[int]) -> dict[int, Standing]:
    placed = select(Correction.idea_id).where(
        Correction.idea_id.in_(ids), Correction.kind == CorrectionKind.FRAMEWORK.value
    )
    decided = select(DecisionRecord.idea_id).where(DecisionRecord.idea_id.in_(ids))
    spoken = set(session.scalars(placed)) | set(session.scalars(decided))
    rows = session.execute(
        select(Idea.id, Idea.reference, Idea.title, Idea.status, Framework.slug, Person.name)
        .outerjoin(Framework, Framework.id == Idea.framework_id)
        .outerjoin(Assignment, (Assignment.idea_id == Idea.id) & Assignment.ended_at.is_(None))
        .outerjoin(Person, Person.id == Assignment.person_id)
        .where(Idea.id.in_(ids))
    )
    return {row[0]: Standing(*row, person_spoke=row[0] in spoken) for row in rows}
