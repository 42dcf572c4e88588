"""Claiming: the row is the queue, a lease says who holds it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import or_, select, update

from models import Idea, Lease, Person
from models.session import Database
from models.words import IdeaStatus

# After so many tries an idea is read alone: what kills a worker must not take its neighbours along.
ALONE_AFTER = 2


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
                .where(Idea.id.in_([row.id for row in rows]))
                .values(
                    claim_owner=owner,
                    claim_token=token,
                    claim_expires_at=now + timedelta(seconds=lease_seconds),
                    attempts=Idea.attempts + 1,
                )
            )
    return Claim(token, tuple(rows))


def take_lease(database: Database, name: str, *, owner: str, now: datetime, seconds: int) -> str | None:
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


def give_lease_back(database: Database, name: str, token: str) -> None:
    """End a lease early; does nothing when it has passed to another."""
    with database.writing() as session:
        session.execute(
            update(Lease)
            .where(Lease.name == name, Lease.token == token)
            .values(owner=None, token=None, expires_at=None)
        )
