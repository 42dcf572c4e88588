"""Parked ideas come back on their date."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kader.settings import Settings
from models import DecisionRecord, Idea
from models.words import DecisionKind, IdeaStatus
from pipeline.decide import EventPlan
from pipeline.lifecycle import Status, move
from pipeline.store.answers import write


def bring_back_parked(session: Session, *, now: datetime, settings: Settings) -> int:
    """Put ideas whose parking date has come in review again; returns how many. The caller commits."""
    last = select(func.max(DecisionRecord.id)).where(DecisionRecord.kind == DecisionKind.PARK.value)
    ideas = session.scalars(
        select(Idea)
        .join(DecisionRecord, DecisionRecord.idea_id == Idea.id)
        .where(Idea.status == IdeaStatus.PARKED, DecisionRecord.id.in_(last.group_by(DecisionRecord.idea_id)))
        .where(DecisionRecord.parked_until <= now.astimezone(settings.zone).date())
        .order_by(Idea.id)
        .with_for_update(of=Idea, skip_locked=True)
    ).all()
    for idea in ideas:
        idea.status = move(idea.status, Status.IN_REVIEW).value
        write(session, idea, [], [EventPlan("unparked")], person_id=None, now=now, settings=settings)
    return len(ideas)
