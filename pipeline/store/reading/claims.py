"""Claiming: the row is the queue, a lease says who holds it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from uuid import uuid4

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from kader.errors import TransientError
from kader.log import kind_of
from models import Idea, Lease, Person
from models.among import among
from models.session import Database
from models.words import IdeaStatus

logger = logging.getLogger(__name__)

# After so many tries an idea is read alone: what kills a worker must not take its neighbours along.
ALONE_AFTER = 2


class LeaseLostError(TransientError):
    """What was done under a lease must not be written: the lease has passed to another."""


@dataclass(frozen=True, slots=True)
class ClaimedIdea:
    """One idea that this worker holds. `language`: that of its submitter, if known."""

    id: int
    title: str
    text: str
    language: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Ideas held under one token until the lease expires."""

    token: str
    ideas: tuple[ClaimedIdea, ...]


def is_anything_received(database: Database) -> bool:
    """Whether any idea waits to be read or settled, whoever holds it."""
    with database.reading() as session:
        # In order: PostgreSQL then goes by the index of what waits, however many it believes there are.
        received = select(Idea.id).where(Idea.status == IdeaStatus.RECEIVED).order_by(Idea.id).limit(1)
        return session.scalar(received) is not None


def claim_ideas(database: Database, *, owner: str, now: datetime, limit: int, lease_seconds: int) -> Claim:
    """Take up to `limit` received ideas that nobody holds, earliest first, for `lease_seconds`."""
    token = uuid4().hex
    language = select(Person.language).where(Person.id == Idea.submitter_id).scalar_subquery()
    waiting = (
        select(Idea.id, Idea.title, Idea.text, language, Idea.attempts)
        .where(Idea.status == IdeaStatus.RECEIVED, Idea.is_read.is_(False))
        .where(or_(Idea.claim_expires_at.is_(None), Idea.claim_expires_at < now))
        .order_by(Idea.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Idea)
    )
    with database.writing() as session:
        rows = [
            ClaimedIdea(idea_id, title, text, spoken, attempts + 1)
            for idea_id, title, text, spoken, attempts in session.execute(waiting)
        ]
        if rows and rows[0].attempts > ALONE_AFTER:
            rows = rows[:1]
        rows = [row for row in rows if row.attempts <= ALONE_AFTER] or rows[:1]
        if rows:
            session.execute(
                update(Idea)
                .where(among(session, Idea.id, [row.id for row in rows]))
                .values(
                    claim_owner=owner,
                    claim_token=token,
                    claim_expires_at=now + timedelta(seconds=lease_seconds),
                    attempts=Idea.attempts + 1,
                )
            )
    return Claim(token, tuple(rows))


def take_lease(database: Database, name: str, *, owner: str, now: datetime, seconds: float) -> str | None:
    """Take the right to do `name` alone; returns the token, or None when another holds it."""
    token = uuid4().hex
    with database.writing() as session:
        taken = session.execute(
            update(Lease)
            .where(Lease.name == name, or_(Lease.expires_at.is_(None), Lease.expires_at < now))
            .values(owner=owner, token=token, expires_at=now + timedelta(seconds=seconds))
            .returning(Lease.name)
        )
        return token if taken.first() else None


def seize_lease(database: Database, name: str, *, owner: str, now: datetime, seconds: float) -> str:
    """Take the right to do `name` alone from whoever has it; returns the token.

    Waits for what is being written under it right now, and for no more. It does no harm: whoever had the lease
    finds out in `hold_lease`, before it writes anything.
    """
    token = uuid4().hex
    with database.writing() as session:
        session.execute(
            update(Lease)
            .where(Lease.name == name)
            .values(owner=owner, token=token, expires_at=now + timedelta(seconds=seconds))
        )
    return token


@contextmanager
def kept_lease(
    database: Database, name: str, *, owner: str, clock: Callable[[], datetime], seconds: float
) -> Iterator[str | None]:
    """The right to do `name` alone for as long as the block takes; gives the token, or None when another has it.

    A thread lengthens the lease every third of `seconds`, so that the lease can be short: when this process dies
    another takes over soon, however long the work is. What the block writes must still begin with `hold_lease`.
    """
    token = take_lease(database, name, owner=owner, now=clock(), seconds=seconds)
    if token is None:
        yield None
        return
    ended = Event()
    thread = Thread(
        target=_keep, args=(database, name, token, clock, seconds, ended), name=f"lease {name}", daemon=True
    )
    thread.start()
    try:
        yield token
    finally:
        ended.set()
        thread.join()
        give_lease_back(database, name, token)


def _keep(
    database: Database, name: str, token: str, clock: Callable[[], datetime], seconds: float, ended: Event
) -> None:
    while not ended.wait(seconds / 3):
        try:
            with database.writing() as session:
                hold_lease(session, name, token, now=clock(), seconds=seconds)
        except LeaseLostError as error:
            logger.warning("%s", error)
            return
        except Exception as error:  # noqa: BLE001  # there are two more chances before the lease ends
            logger.warning("the lease to %s could not be lengthened (%s)", name, kind_of(error))


def hold_lease(session: Session, name: str, token: str, *, now: datetime, seconds: float) -> None:
    """Make sure that a lease is still held, and lengthen it, before anything else is written in a transaction.

    Until that commits nobody can take the lease over, on either store. Raises LeaseLostError.
    """
    held = session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.token == token)
        .values(expires_at=now + timedelta(seconds=seconds))
        .returning(Lease.name)
    ).first()
    if held is None:
        raise LeaseLostError(f"The lease to {name} ended meanwhile: another process has taken over.")


def give_lease_back(database: Database, name: str, token: str) -> None:
    """End a lease early; does nothing when it has passed to another."""
    with database.writing() as session:
        session.execute(
            update(Lease)
            .where(Lease.name == name, Lease.token == token)
            .values(owner=None, token=None, expires_at=None)
        )
