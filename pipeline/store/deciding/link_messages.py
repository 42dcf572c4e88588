"""What people are told when ideas are joined or taken apart, and what they needn't hear any more."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Assignment, FrameworkVersion, Idea, OutboxMessage
from models.words import MessageKind, MessageStatus
from pipeline.payloads import framework_payload, joined_payload, promise_payload
from pipeline.plans import MessagePlan
from pipeline.routing import Organisation, Route, Why
from pipeline.store.deciding.asked import asked_about
from pipeline.store.deciding.telling import next_revision
from pipeline.store.duplicates.known import load_ledger


def withdraw(session: Session, ideas: Sequence[Idea], original: Idea) -> None:
    """Nobody needs to hear of what was taken back before it left."""
    waiting = session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.status == MessageStatus.PENDING.value)
        .where(
            (
                (OutboxMessage.idea_id == original.id)
                & (OutboxMessage.kind == MessageKind.TWIN_JOINED.value)
                & (OutboxMessage.revision == ideas[0].id)
            )
            | (
                OutboxMessage.idea_id.in_([each.id for each in ideas])
                & (OutboxMessage.kind != MessageKind.TWIN_JOINED.value)
            )
        )
        .order_by(OutboxMessage.id)
        .with_for_update()
    )
    for message in waiting:
        # To whoever followed the original: that they do, and what was decided on it.
        followed = message.payload.get("original"), message.payload.get("linked_to")
        if message.kind == MessageKind.TWIN_JOINED or original.reference in followed:
            message.status = MessageStatus.CANCELLED.value
            message.trouble = "the link was undone before this message left"
    session.flush()


def tell_joined(session: Session, ideas: Sequence[Idea], original: Idea, today: date) -> list[MessagePlan]:
    """To the submitters of ideas: which idea theirs goes along with, who decides on it, and by when."""
    known = load_ledger(session, [original.id]).ideas[original.id]
    payload = joined_payload(known, framework_title(session, original), today)
    return [
        MessagePlan(
            MessageKind.JOINED.value,
            each.submitter_id,
            payload,
            idea_id=each.id,
            revision=next_revision(session, each.id, each.submitter_id, MessageKind.JOINED),
        )
        for each in ideas
        if each.submitter_id is not None
    ]


def tell_owner(
    session: Session, idea: Idea, original: Idea, person_id: int, payload: dict[str, Any]
) -> list[MessagePlan]:
    """To who decides on `original`: that `idea` joined it. Nothing new for who heard that once."""
    known = session.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.idea_id == original.id,
            OutboxMessage.recipient_id == person_id,
            OutboxMessage.kind == MessageKind.TWIN_JOINED.value,
            OutboxMessage.revision == idea.id,
        )
        .with_for_update()
    )
    if known is None:
        kind = MessageKind.TWIN_JOINED.value
        return [MessagePlan(kind, person_id, payload, idea_id=original.id, revision=idea.id)]
    if known.status == MessageStatus.CANCELLED:
        known.status, known.trouble, known.payload = MessageStatus.PENDING.value, None, payload
    return []


def framework_title(session: Session, idea: Idea) -> str | None:
    """The title of the framework within which an idea is decided on."""
    return session.scalar(
        select(FrameworkVersion.title)
        .join(Assignment, Assignment.framework_version_id == FrameworkVersion.id)
        .where(Assignment.idea_id == idea.id, Assignment.ended_at.is_(None))
    )


def told_place(
    session: Session,
    idea: Idea,
    submitter_id: int,
    route: Route,
    organisation: Organisation,
    note: dict[str, Any],
) -> MessagePlan:
    """To the submitter: where the idea is now that it stands by itself, and by when it is answered."""
    payload: dict[str, Any] = {"promise": promise_payload(route, organisation), **note}
    if route.framework is None:
        kind = MessageKind.WITH_COORDINATOR
        why = route.why or Why.UNSURE
        payload["why"] = why.value
        asked = asked_about(session, idea.id, why, organisation)
        payload["asks"] = asked and asked["why"]
    else:
        kind = MessageKind.ROUTED
        payload |= {
            "framework": framework_payload(route.framework),
            "reasons": [],
            "touched_limits": [],
        }
    revision = next_revision(session, idea.id, submitter_id, kind)
    return MessagePlan(kind.value, submitter_id, payload, revision=revision)
