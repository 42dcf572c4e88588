"""How the whole is doing: counts, speed, and what waits longest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Assessment, Idea, IntakeRecord, OutboxMessage
from models.words import IdeaStatus, IntakeOutcome, MessageStatus

# Speed is counted over the newest assessments only, so that it costs the same at a million ideas.
NEWEST = 20_000


@dataclass(frozen=True, slots=True)
class Progress:
    """State of the pipeline at one moment. Ages in seconds; None when nothing waits."""

    ideas: dict[str, int]
    messages: dict[str, int]
    exceptions: int
    triaged_last_minute: int
    oldest_waiting: float | None

    @property
    def total(self) -> int:
        return sum(self.ideas.values())

    @property
    def waiting(self) -> int:
        return self.ideas.get(IdeaStatus.RECEIVED, 0)


def progress(session: Session, now: datetime) -> Progress:
    """Return the state of the pipeline."""
    ideas = session.execute(select(Idea.status, func.count()).group_by(Idea.status))
    messages = session.execute(select(OutboxMessage.status, func.count()).group_by(OutboxMessage.status))
    kept = session.scalar(
        select(func.count())
        .select_from(IntakeRecord)
        .where(IntakeRecord.outcome == IntakeOutcome.EXCEPTION, IntakeRecord.resolved_at.is_(None))
    )
    newest = session.scalar(select(func.max(Assessment.id))) or 0
    recent = session.scalar(
        select(func.count())
        .select_from(Assessment)
        .where(Assessment.id > newest - NEWEST, Assessment.made_at > now - timedelta(minutes=1))
    )
    return Progress(
        ideas=_ordered(dict(ideas.all()), IdeaStatus),
        messages=_ordered(dict(messages.all()), MessageStatus),
        exceptions=kept or 0,
        triaged_last_minute=recent or 0,
        oldest_waiting=oldest_waiting(session, now),
    )


def oldest_waiting(session: Session, now: datetime) -> float | None:
    """Return for how many seconds the idea that waits longest has waited for triage."""
    since = session.scalar(
        select(Idea.received_at).where(Idea.status == IdeaStatus.RECEIVED).order_by(Idea.id).limit(1)
    )
    return max(0.0, (now - since).total_seconds()) if since is not None else None


def _ordered(counts: dict[str, int], words: type[IdeaStatus] | type[MessageStatus]) -> dict[str, int]:
    return {word.value: counts[word.value] for word in words if word.value in counts}
