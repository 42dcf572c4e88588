"""A new link for who lost the use of an old one, to nobody but the person it was made for. The caller commits."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from kader.errors import UserError
from kader.links import Holder, Purpose
from kader.settings import Settings
from models.idea import Idea
from models.organisation import Person
from models.outbox import OutboxMessage
from models.words import MessageKind
from pipeline.plans import MessagePlan
from pipeline.store.deciding.recording import message_row
from pipeline.store.deciding.rights import may_decide
from pipeline.store.deciding.telling import next_revision

# Whoever presses again and again fills nobody's mailbox.
PAUSE = timedelta(minutes=15)


def send_fresh_link(
    session: Session, holder: Holder, purpose: Purpose, *, now: datetime, settings: Settings
) -> bool:
    """Write a mail with a new link in the outbox; tells whether it did.

    Not to who may no longer open the page, and not to who got such a mail less than 15 minutes ago.
    """
    # Locked, so that of two presses at once the second sees the mail of the first.
    person = session.scalar(select(Person).where(Person.id == holder.person_id).with_for_update())
    if (
        person is None
        or not person.is_active
        or not _may_open(session, person, holder, purpose, now, settings)
    ):
        return False
    recent = exists().where(
        OutboxMessage.recipient_id == person.id,
        OutboxMessage.kind == MessageKind.FRESH_LINK,
        OutboxMessage.created_at > now - PAUSE,
    )
    if session.scalar(select(recent)):
        return False
    revision = next_revision(session, holder.idea_id, person.id, MessageKind.FRESH_LINK)
    message = MessagePlan(
        MessageKind.FRESH_LINK.value, person.id, {"purpose": purpose.value}, revision=revision
    )
    session.add(OutboxMessage(**message_row(holder.idea_id, message, now, settings)))
    session.flush()
    return True


def _may_open(
    session: Session, person: Person, holder: Holder, purpose: Purpose, now: datetime, settings: Settings
) -> bool:
    """Whether the page is still this person's."""
    if purpose is Purpose.MANAGER:
        return True
    if purpose is Purpose.DESK:
        return person.is_coordinator
    idea = session.get(Idea, holder.idea_id)
    if idea is None:
        return False
    if purpose is Purpose.FOLLOW:
        return idea.submitter_id == person.id
    try:
        may_decide(session, idea, person.id, today=now.astimezone(settings.zone).date())
    except UserError:
        return False
    return True
