"""Who must hear of what happens to an idea, and the messages and events that tell it. The caller commits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from kader.settings import Settings
from models import DuplicateLink, Event, Idea, OutboxMessage
from models.words import LinkState, MessageKind
from pipeline.answering import Listener
from pipeline.plans import EventPlan, MessagePlan
from pipeline.store.deciding.recording import message_row


def listeners(session: Session, idea: Idea, *, with_quiet: bool = True) -> list[Listener]:
    """The submitters of the idea and of all ideas that joined it.

    Without those who asked for no automatic messages when it is no person's word (`with_quiet=False`).
    """
    found: list[tuple[int, int | None, bool, str | None]] = [
        (idea.id, idea.submitter_id, idea.is_quiet, None)
    ]
    joined = session.execute(those_that_joined(idea, Idea.id, Idea.submitter_id, Idea.is_quiet))
    found += [(idea_id, person_id, quiet, idea.reference) for idea_id, person_id, quiet in joined]
    return [
        Listener(idea_id, submitter_id, linked_to)
        for idea_id, submitter_id, is_quiet, linked_to in found
        if submitter_id is not None and (with_quiet or not is_quiet)
    ]


def tell_all(
    session: Session, who: Sequence[Listener], kind: MessageKind, payload: dict[str, Any]
) -> list[MessagePlan]:
    """One message to each listener; those whose idea is linked to another are told to which."""
    return [
        MessagePlan(
            kind.value,
            each.person_id,
            {**payload, "linked_to": each.linked_to},
            idea_id=each.idea_id,
            revision=next_revision(session, each.idea_id, each.person_id, kind),
        )
        for each in who
    ]


def next_revision(session: Session, idea_id: int | None, recipient_id: int, kind: MessageKind) -> int:
    """The revision of a message that tells somebody the same kind of news once more."""
    highest = session.scalar(
        select(func.max(OutboxMessage.revision)).where(
            OutboxMessage.idea_id == idea_id,
            OutboxMessage.recipient_id == recipient_id,
            OutboxMessage.kind == kind.value,
        )
    )
    return (highest or 0) + 1


def write(
    session: Session,
    idea: Idea,
    messages: Sequence[MessagePlan],
    events: Sequence[EventPlan],
    *,
    person_id: int | None,
    now: datetime,
    settings: Settings,
) -> None:
    """Add messages to the outbox and events to the history."""
    session.add_all(OutboxMessage(**message_row(idea.id, message, now, settings)) for message in messages)
    session.add_all(
        Event(idea_id=idea.id, kind=event.kind, at=now, person_id=person_id, detail=event.detail)
        for event in events
    )
    session.flush()


def those_that_joined(idea: Idea, *columns: Any) -> Select[Any]:
    """A query for this of the ideas that joined another, earliest first."""
    return (
        select(*columns)
        .join(DuplicateLink, DuplicateLink.duplicate_id == Idea.id)
        .where(DuplicateLink.original_id == idea.id, DuplicateLink.state == LinkState.CONFIRMED)
        .order_by(Idea.id)
    )
