"""A person's word on where an idea belongs: what the text model learns from. The caller commits."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Assessment, Correction, Framework, Idea
from models.words import CorrectionKind
from pipeline.store.deciding.asked import is_placed_by_person


def learn(
    session: Session,
    idea: Idea,
    kind: CorrectionKind,
    person_value: str | None,
    *,
    person_id: int,
    now: datetime,
) -> None:
    """Keep a person's word as training data, beside what the machine thought."""
    latest = session.scalar(
        select(Assessment).where(Assessment.idea_id == idea.id).order_by(Assessment.number.desc()).limit(1)
    )
    machine_value = None
    if (
        latest is not None
        and kind is CorrectionKind.FRAMEWORK
        and latest.candidates
        and latest.decision != "none"
    ):
        machine_value = latest.candidates[0][0]
    session.add(
        Correction(
            idea_id=idea.id,
            kind=kind.value,
            machine_value=machine_value,
            person_value=person_value,
            person_id=person_id,
            made_at=now,
        )
    )


def confirm_framework(session: Session, idea: Idea, person_id: int, now: datetime) -> None:
    """A decision within a framework confirms that the idea belongs there, unless somebody said so before."""
    if idea.framework_id is not None and not is_placed_by_person(session, idea.id):
        slug = session.scalar(select(Framework.slug).where(Framework.id == idea.framework_id))
        learn(session, idea, CorrectionKind.FRAMEWORK, slug, person_id=person_id, now=now)
