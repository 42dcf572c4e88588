"""What went wrong and needs a person's eye."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.offer import without_control
from models import IntakeRecord, Person
from models.words import IntakeOutcome
from notifications.trouble import TroubledMessage, count_troubled, list_troubled
from web.queries.work import AT_A_TIME, Page, offset_of

EXCERPT = 1_500


@dataclass(frozen=True, slots=True)
class ExceptionView:
    """Something that came in and could not become an idea; `excerpt` is the beginning of its raw form."""

    id: int
    source: str
    details: tuple[str, ...]
    received_at: datetime
    excerpt: str


@dataclass(frozen=True, slots=True)
class KeptView:
    """The whole of something that was kept, and what a person did with it: nothing while `resolved_at` is None."""

    id: int
    source: str
    details: tuple[str, ...]
    received_at: datetime
    content_type: str
    content: bytes
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None

    @property
    def excerpt(self) -> str:
        return _shown(self.content[:EXCERPT])


def exceptions(session: Session, number: int = 1) -> Page[ExceptionView]:
    """Return what could not become an idea and was not handled yet, oldest first."""
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
        .offset(offset_of(number))
    )
    total = session.scalar(select(func.count()).select_from(IntakeRecord).where(*waiting)) or 0
    return Page(
        tuple(
            ExceptionView(record, source, tuple((detail or "").splitlines()), at, _shown(begin))
            for record, source, detail, at, begin in rows
        ),
        total,
        number,
    )


def kept_record(session: Session, record_id: int) -> KeptView | None:
    """Return something that was kept for a person, whether it was handled or not."""
    row = session.execute(
        select(IntakeRecord, Person.name)
        .outerjoin(Person, Person.id == IntakeRecord.resolved_by_id)
        .where(
            IntakeRecord.id == record_id,
            (IntakeRecord.outcome == IntakeOutcome.EXCEPTION) | IntakeRecord.resolved_at.is_not(None),
        )
    ).one_or_none()
    if row is None:
        return None
    record, name = row
    return KeptView(
        id=record.id,
        source=record.source,
        details=tuple((record.detail or "").splitlines()),
        received_at=record.received_at,
        content_type=record.content_type,
        content=record.content,
        resolved_at=record.resolved_at,
        resolved_by=name,
        resolution=record.resolution,
    )


def troubled_messages(session: Session, number: int = 1) -> Page[TroubledMessage]:
    """Return messages that failed or of which nobody knows whether they arrived, oldest first."""
    rows = list_troubled(session, limit=AT_A_TIME, offset=offset_of(number))
    return Page(tuple(rows), count_troubled(session), number)


def _shown(begin: bytes | None) -> str:
    """What a page can show of it; SQLite says NULL for the beginning of nothing."""
    return without_control(bytes(begin or b"").decode("utf-8", errors="replace"))
