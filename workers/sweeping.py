"""What the sweep finds: work for which no doorbell may have rung."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kader.settings import Settings
from models import Idea, OutboxMessage, ReprocessingRun
from models.session import Database
from models.words import IdeaStatus, MessageStatus, RunStatus
from notifications.outbox import release_expired
from notifications.transport import transport_for
from pipeline.store.deciding.handing_over import hand_over_unattended
from pipeline.store.deciding.parking import bring_back_parked
from workers.doorbell import Bell


def sweep(database: Database, settings: Settings, *, now: datetime) -> list[Bell]:
    """Take up what was dropped, and return the bells that must ring."""
    with database.writing() as session:
        release_expired(session, now=now, is_idempotent=transport_for(settings).is_idempotent)
        bring_back_parked(session, now=now, settings=settings)
        hand_over_unattended(session, now=now, settings=settings)
    bells: tuple[Bell, ...] = ("triage", "mail", "reprocess")
    with database.reading() as session:
        return [bell for bell in bells if _has_work(session, bell, now)]


def _has_work(session: Session, bell: Bell, now: datetime) -> bool:
    queries = {
        "triage": select(Idea.id).where(
            Idea.status == IdeaStatus.RECEIVED,
            or_(Idea.claim_expires_at.is_(None), Idea.claim_expires_at < now),
        ),
        "mail": select(OutboxMessage.id).where(
            OutboxMessage.status == MessageStatus.PENDING, OutboxMessage.not_before <= now
        ),
        "reprocess": select(ReprocessingRun.id).where(
            ReprocessingRun.status.in_([RunStatus.DRY_RUN, RunStatus.APPLYING])
        ),
    }
    return session.scalar(queries[bell].limit(1)) is not None
