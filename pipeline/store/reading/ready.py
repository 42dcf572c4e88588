"""Gathers the ideas whose turn it is to be settled."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, aliased

from models import Idea, IdeaReading, Person, Unit
from models.among import among
from models.words import IdeaStatus
from pipeline.core import IdeaText, Reading
from pipeline.facts import IdeaFacts
from pipeline.store.reading.readings import READING, kept_lists, reading_lists, to_reading, unread

_EXCERPT = 400


@dataclass(frozen=True, slots=True)
class Ready:
    """An idea that was read and before which all ideas were read."""

    facts: IdeaFacts
    words: IdeaText
    fingerprint: str
    reading: Reading
    trouble: str | None
    lists: dict[str, Any] = field(default_factory=dict)  # of the reading, as they are kept


def ready_ids(session: Session, *, limit: int, after: int = 0) -> list[int]:
    """Ids above `after` of ideas that were read and before which no idea is unread, earliest first."""
    earlier = aliased(Idea)
    first_unread = (
        select(func.min(earlier.id))
        .where(earlier.status == IdeaStatus.RECEIVED, earlier.is_read.is_(False))
        .scalar_subquery()
    )
    # One statement: on PostgreSQL a second one would see what was committed since the first.
    return list(
        session.scalars(
            select(Idea.id)
            .where(Idea.status == IdeaStatus.RECEIVED, Idea.is_read, Idea.id > after)
            .where(Idea.id < func.coalesce(first_unread, Idea.id + 1))
            .order_by(Idea.id)
            .limit(limit)
        )
    )


def gather(
    session: Session, *, model_version: str, limit: int, after: int = 0, trouble: str | None = None
) -> list[Ready]:
    """The next ideas to settle, with ids above `after`, earliest first, as this text model read them.

    Stops before an idea that only another model has read; `read_again` sends that one back. With `trouble` an idea
    comes with that instead of what was read in it, which isn't even looked at.
    """
    ids = ready_ids(session, limit=limit, after=after)
    ready = list(as_read(session, ids, IdeaReading.model_version == model_version, trouble=trouble))
    read = {each.facts.id for each in ready}
    first_unread = next((idea_id for idea_id in ids if idea_id not in read), None)
    return [each for each in ready if first_unread is None or each.facts.id < first_unread]


def as_read(
    session: Session,
    ids: Collection[int],
    chosen: ColumnElement[bool],
    *,
    even_unread: bool = False,
    trouble: str | None = None,
) -> Iterator[Ready]:
    """The ideas with these ids, earliest first, with each of their readings that is `chosen`, in the order of reading.

    `even_unread`: those without such a reading too, with one that says nothing. `trouble`: as for `gather`.
    """
    reading_columns = READING if trouble is None else (IdeaReading.language,)
    rows = session.execute(
        select(
            Idea.id,
            Idea.reference,
            Idea.title,
            Idea.text,
            Idea.fingerprint,
            Idea.submitter_id,
            Idea.unit_id,
            Idea.is_quiet,
            Idea.received_at,
            Idea.same_as_id,
            Person.name,
            Unit.name,
            *reading_columns,
        )
        .join(IdeaReading, (IdeaReading.idea_id == Idea.id) & chosen, isouter=even_unread)
        .outerjoin(Person, Person.id == Idea.submitter_id)
        .outerjoin(Unit, Unit.id == Idea.unit_id)
        .where(among(session, Idea.id, ids))
        .order_by(Idea.id, IdeaReading.id)
    )
    for (
        idea_id,
        reference,
        title,
        text,
        mark,
        submitter_id,
        unit_id,
        quiet,
        came,
        said,
        name,
        unit,
        *kept,
    ) in rows:
        facts = IdeaFacts(
            idea_id, reference, title, submitter_id, name, unit_id, unit, text[:_EXCERPT], quiet, came, said
        )
        words = IdeaText(str(idea_id), text, title)
        if trouble is None and kept[0] is not None:
            reading, own_trouble = to_reading(*kept)
            yield Ready(facts, words, mark, reading, own_trouble, kept_lists(kept))
        else:
            reading = unread(kept[0] or "")
            yield Ready(facts, words, mark, reading, trouble, reading_lists(reading))


def read_again(session: Session, *, model_version: str) -> None:
    """Send back waiting ideas that this text model hasn't read."""
    kept = select(IdeaReading.id).where(
        IdeaReading.idea_id == Idea.id, IdeaReading.model_version == model_version
    )
    session.execute(
        update(Idea)
        .where(Idea.status == IdeaStatus.RECEIVED, Idea.is_read, ~kept.exists())
        .values(is_read=False)
    )
