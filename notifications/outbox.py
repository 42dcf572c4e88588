"""Claim outbox messages and record what became of them. Each function works within the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from models.idea import Idea
from models.organisation import Person
from models.outbox import OutboxMessage
from models.words import MessageKind, MessageStatus
from notifications.letter import IdeaSnapshot, Letter, Recipient

# Any number that no other part of Kader locks: claims go one after the other on PostgreSQL.
CLAIM_LOCK = 0x6B61_6465

INTERRUPTED = (
    "Kader stopped while it handed this message to the mail server, so nobody knows whether it was taken. "
    "Ask the recipient or look in the server's log before you send it again."
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One message that this process may send."""

    id: int
    attempts: int
    is_active: bool
    letter: Letter


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be recorded of one claimed message."""

    id: int
    status: MessageStatus
    attempts: int
    trouble: str | None
    not_before: datetime
    sent_at: datetime | None


def claim(
    session: Session, *, now: datetime, owner: str, token: str, expires_at: datetime, limit: int
) -> list[Claimed]:
    """Take the messages that are due, oldest first, and mark them `sending`.

    A message waits as long as an earlier one to the same person about the same idea is still on its
    way, so that nobody reads where an idea went before reading that it came in.
    """
    if session.get_bind().dialect.name == "postgresql":
        # Two claims at once would each see only half of a person's messages.
        session.execute(select(func.pg_advisory_xact_lock(literal(CLAIM_LOCK))))
    earlier = aliased(OutboxMessage)
    blocked = exists().where(
        earlier.idea_id == OutboxMessage.idea_id,
        earlier.recipient_id == OutboxMessage.recipient_id,
        earlier.id < OutboxMessage.id,
        or_(
            earlier.status == MessageStatus.SENDING,
            (earlier.status == MessageStatus.PENDING) & (earlier.not_before > OutboxMessage.not_before),
        ),
    )
    ids = session.scalars(
        select(OutboxMessage.id)
        .where(OutboxMessage.status == MessageStatus.PENDING, OutboxMessage.not_before <= now, ~blocked)
        .order_by(OutboxMessage.not_before, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not ids:
        return []
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids))
        .values(
            status=MessageStatus.SENDING, claim_owner=owner, claim_token=token, claim_expires_at=expires_at
        )
        .execution_options(synchronize_session=False)
    )
    rows = {row.id: row for row in session.execute(_letters().where(OutboxMessage.id.in_(ids)))}
    return [_claimed(rows[key]) for key in ids]


def record(session: Session, outcomes: Sequence[Outcome], *, token: str) -> int:
    """Write down what became of claimed messages; returns how many were still ours."""
    if not outcomes:
        return 0
    table = OutboxMessage.__table__
    change = (
        update(OutboxMessage)
        .where(table.c.id == bindparam("b_id"), table.c.claim_token == bindparam("b_token"))
        .values(
            status=bindparam("b_status"),
            attempts=bindparam("b_attempts"),
            trouble=bindparam("b_trouble"),
            not_before=bindparam("b_not_before"),
            sent_at=bindparam("b_sent_at"),
            claim_owner=None,
            claim_token=None,
            claim_expires_at=None,
        )
    )
    rows = [
        {
            "b_id": outcome.id,
            "b_token": token,
            "b_status": outcome.status,
            "b_attempts": outcome.attempts,
            "b_trouble": outcome.trouble,
            "b_not_before": outcome.not_before,
            "b_sent_at": outcome.sent_at,
        }
        for outcome in outcomes
    ]
    # On the connection: the session would read this as an update by primary key.
    return session.connection().execute(change, rows).rowcount


def release_expired(session: Session, *, now: datetime, is_idempotent: bool) -> int:
    """End the leases of senders that died; returns how many.

    Where a repeat does no harm the message is due again. Otherwise nobody knows whether it was
    taken: it becomes `uncertain`, and only a person sends it again.
    """
    ended = (
        update(OutboxMessage)
        .where(OutboxMessage.status == MessageStatus.SENDING, OutboxMessage.claim_expires_at < now)
        .values(claim_owner=None, claim_token=None, claim_expires_at=None)
        .execution_options(synchronize_session=False)
        .returning(OutboxMessage.id)
    )
    if is_idempotent:
        ended = ended.values(status=MessageStatus.PENDING)
    else:
        ended = ended.values(status=MessageStatus.UNCERTAIN, trouble=INTERRUPTED)
    return len(session.execute(ended).all())


def _letters() -> Select[*tuple[Any, ...]]:
    return (
        select(
            OutboxMessage.id,
            OutboxMessage.kind,
            OutboxMessage.message_id,
            OutboxMessage.payload,
            OutboxMessage.created_at,
            OutboxMessage.attempts,
            Person.id.label("person_id"),
            Person.name,
            Person.email,
            Person.language,
            Person.is_active,
            Person.is_coordinator,
            Idea.id.label("idea_id"),
            Idea.reference,
            Idea.title,
            Idea.text,
            Idea.received_at,
        )
        .join(Person, Person.id == OutboxMessage.recipient_id)
        .outerjoin(Idea, Idea.id == OutboxMessage.idea_id)
    )


def _claimed(row: Row[*tuple[Any, ...]]) -> Claimed:
    idea = None
    if row.idea_id is not None:
        idea = IdeaSnapshot(row.idea_id, row.reference, row.title, row.text, row.received_at)
    return Claimed(
        id=row.id,
        attempts=row.attempts,
        is_active=row.is_active,
        letter=Letter(
            kind=MessageKind(row.kind),
            recipient=Recipient(row.person_id, row.name, row.email, row.language, row.is_coordinator),
            message_id=row.message_id,
            idea=idea,
            payload=row.payload,
            created_at=row.created_at,
        ),
    )
