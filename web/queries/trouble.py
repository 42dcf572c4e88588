"""What went wrong and needs a person's eye."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.offer import without_control
from models import Idea, IntakeRecord, OutboxMessage, Person
from models.words import IntakeOutcome, MessageStatus
from web.queries.work import AT_A_TIME, Page

EXCERPT = 1_500


@dataclass(frozen=True, slots=True)
class ExceptionView:
    """Something that came in and could not become an idea; `excerpt` is the beginning of its raw form."""

    id: int
    source: str
    detail: str
    received_at: datetime
    excerpt: str


@dataclass(frozen=True, slots=True)
class TroubledMessageView:
    """A message that did not, or perhaps did not, arrive."""

    id: int
    kind: str
    status: str
    trouble: str | None
    recipient: str
    reference: str | None
    created_at: datetime


def exceptions(session: Session) -> Page[ExceptionView]:
    """Return what could not become an idea and was not looked at yet, oldest first."""
    waiting = (IntakeRecord.outcome == IntakeOutcome.EXCEPTION, IntakeRecord.resolved_at.is_(None))
    rows = session.execute(
        select(
            IntakeRecord.id,
            IntakeRecord.source,
            IntakeRecord.detail,
            IntakeRecord.received_at,
            func.substr(IntakeRecord.content, 1, EXCERPT),
        )
        .where(*waiting)
        .order_by(IntakeRecord.id)
        .limit(AT_A_TIME)
    )
    total = session.scalar(select(func.count()).select_from(IntakeRecord).where(*waiting)) or 0
    return Page(
        tuple(
            ExceptionView(number, source, detail or "", at, _excerpt(begin))
            for number, source, detail, at, begin in rows
        ),
        total,
    )


def _excerpt(begin: bytes | None) -> str:
    """What a page can show of it; SQLite says NULL for the beginning of nothing."""
    return without_control(bytes(begin or b"").decode("utf-8", errors="replace"))


def raw_form(session: Session, record_id: int) -> bytes | None:
    """Return the raw form of something that could not become an idea."""
    return session.scalar(
        select(IntakeRecord.content).where(
            IntakeRecord.id == record_id, IntakeRecord.outcome == IntakeOutcome.EXCEPTION
        )
    )


def troubled_messages(session: Session) -> Page[TroubledMessageView]:
    """Return messages that failed or of which nobody knows whether they arrived, oldest first."""
    troubled = OutboxMessage.status.in_([MessageStatus.FAILED, MessageStatus.UNCERTAIN])
    rows = session.execute(
        select(
            OutboxMessage.id,
            OutboxMessage.kind,
            OutboxMessage.status,
            OutboxMessage.trouble,
            Person.name,
            Idea.reference,
            OutboxMessage.created_at,
        )
        .join(Person, Person.id == OutboxMessage.recipient_id)
        .outerjoin(Idea, Idea.id == OutboxMessage.idea_id)
        .where(troubled)
        .order_by(OutboxMessage.id)
        .limit(AT_A_TIME)
    )
    total = session.scalar(select(func.count()).select_from(OutboxMessage).where(troubled)) or 0
    return Page(tuple(TroubledMessageView(*row) for row in rows), total)
