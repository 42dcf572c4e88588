"""Messages that did not leave: the list for a person, who sends one again or leaves it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kader.errors import UserError
from models.idea import Idea
from models.judgement import Event
from models.organisation import Person
from models.outbox import OutboxMessage
from models.words import MessageKind, MessageStatus

IN_TROUBLE = (
    OutboxMessage.status.in_((MessageStatus.FAILED, MessageStatus.UNCERTAIN)),
    OutboxMessage.dismissed_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class TroubledMessage:
    """A message that did not, or perhaps did not, arrive, for a person to look at."""

    id: int
    kind: MessageKind
    status: MessageStatus
    reference: str | None
    recipient_name: str
    trouble: str
    attempts: int
    created_at: datetime


def resend(session: Session, message_id: int, now: datetime, *, person_id: int) -> None:
    """Send a failed or uncertain message once more, because a person says so.

    `message_id` is the row's id. Raises UserError when there is no such message, or it needs no resending.
    """
    values = {"status": MessageStatus.PENDING, "attempts": 0, "trouble": None, "not_before": now}
    _handle(session, message_id, values, "message_resent", now=now, person_id=person_id)


def dismiss(session: Session, message_id: int, now: datetime, *, person_id: int) -> None:
    """Leave a failed or uncertain message as it is: a person looked, and it isn't sent again.

    Raises UserError when there is no such message, or it isn't in trouble (any more).
    """
    _handle(session, message_id, {"dismissed_at": now}, "message_left", now=now, person_id=person_id)


def _handle(
    session: Session,
    message_id: int,
    values: dict[str, object],
    event: str,
    *,
    now: datetime,
    person_id: int,
) -> None:
    changed = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, *IN_TROUBLE)
        .values(**values)
        .execution_options(synchronize_session=False)
        .returning(OutboxMessage.idea_id, OutboxMessage.kind)
    ).first()
    if changed is None:
        raise UserError(
            "Dit bericht is al afgehandeld of intussen verstuurd: kijk in de lijst. / "
            "This message was handled already, or was sent in the meantime: look at the list."
        )
    idea_id, kind = changed
    if idea_id is not None:
        session.add(Event(idea_id=idea_id, kind=event, at=now, person_id=person_id, detail={"message": kind}))
        session.flush()


def list_troubled(session: Session, *, limit: int = 500, offset: int = 0) -> list[TroubledMessage]:
    """Messages that failed or are uncertain and that nobody handled yet; the oldest first."""
    rows = session.execute(
        select(
            OutboxMessage.id,
            OutboxMessage.kind,
            OutboxMessage.status,
            Idea.reference,
            Person.name,
            OutboxMessage.trouble,
            OutboxMessage.attempts,
            OutboxMessage.created_at,
        )
        .join(Person, Person.id == OutboxMessage.recipient_id)
        .outerjoin(Idea, Idea.id == OutboxMessage.idea_id)
        .where(*IN_TROUBLE)
        .order_by(OutboxMessage.id)
        .limit(limit)
        .offset(offset)
    )
    return [
        TroubledMessage(
            row.id,
            MessageKind(row.kind),
            MessageStatus(row.status),
            row.reference,
            row.name,
            row.trouble,
            row.attempts,
            row.created_at,
        )
        for row in rows
    ]


def count_troubled(session: Session) -> int:
    """How many messages failed or are uncertain, and wait for a person."""
    return session.scalar(select(func.count()).select_from(OutboxMessage).where(*IN_TROUBLE)) or 0
