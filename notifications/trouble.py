"""Messages that did not leave: the list for a person, and the word to send one again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kader.errors import UserError
from models.idea import Idea
from models.organisation import Person
from models.outbox import OutboxMessage
from models.words import MessageKind, MessageStatus


@dataclass(frozen=True, slots=True)
class TroubledMessage:
    """A message that did not leave, for a person to look at."""

    id: int
    kind: MessageKind
    status: MessageStatus
    reference: str | None
    recipient_name: str
    trouble: str
    attempts: int
    created_at: datetime
    not_before: datetime


def resend(session: Session, message_id: int, now: datetime) -> None:
    """Send a failed or uncertain message once more, because a person says so.

    `message_id` is the row's id. Raises UserError when there is no such message, or it needs no resending.
    """
    changed = session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.status.in_((MessageStatus.FAILED, MessageStatus.UNCERTAIN)),
        )
        .values(status=MessageStatus.PENDING, attempts=0, trouble=None, not_before=now)
        .execution_options(synchronize_session=False)
        .returning(OutboxMessage.id)
    ).all()
    if not changed:
        raise UserError(
            f"Message {message_id} can't be sent again: only a failed or uncertain message can. "
            "Look at the list of messages in trouble."
        )


def list_troubled(session: Session, *, limit: int = 500) -> list[TroubledMessage]:
    """Messages that failed, are uncertain, or wait after a failed try; the oldest first."""
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
            OutboxMessage.not_before,
        )
        .join(Person, Person.id == OutboxMessage.recipient_id)
        .outerjoin(Idea, Idea.id == OutboxMessage.idea_id)
        .where(
            OutboxMessage.trouble.is_not(None),
            OutboxMessage.status.in_(
                (
                    MessageStatus.FAILED,
                    MessageStatus.UNCERTAIN,
                    MessageStatus.PENDING,
                    MessageStatus.SENDING,
                )
            ),
        )
        .order_by(OutboxMessage.id)
        .limit(limit)
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
            row.not_before,
        )
        for row in rows
    ]
