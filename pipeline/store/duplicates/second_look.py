"""The second look: ideas that an older model compared, or that came in a crowd, are compared once more, at night.

What it finds is suggested to people and never linked by itself: by now people may have worked on both ideas. What a
person said is not asked again. Each batch is one transaction, so it may be stopped at any moment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from kader.errors import TransientError
from kader.settings import Settings
from models import Counter, DuplicateLink, Event, Idea, IdeaReading
from models.bulk import insert_many, update_many
from models.session import Database
from models.words import LinkState
from pipeline.core import PairVerdict, Sameness
from pipeline.decide import MOST_SUGGESTIONS
from pipeline.facts import Resemblance
from pipeline.lifecycle import JOINABLE
from pipeline.store.duplicates.known import Ledger, add_standing
from pipeline.store.duplicates.links import REVERSED, link_evidence
from pipeline.store.duplicates.twins import compare, first_ids, neighbourhood, resemblances
from pipeline.store.reading.claims import hold_lease, kept_lease
from pipeline.store.reading.readings import unread
from pipeline.store.reading.ready import Ready, as_read
from pipeline.store.search.mind import Mind

LEASE = "second look"
LEASE_SECONDS = 120

Progress = Callable[[int, int], None]
Pair = frozenset[int]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a second look came to: ideas compared, suggestions made, and ideas that still wait for one."""

    ideas: int
    suggestions: int
    waiting: int


def tonight(session: Session, settings: Settings, *, now: datetime) -> int:
    """How many ideas may still be looked at again tonight."""
    done = session.scalar(select(Counter.value).where(Counter.name == _night(settings, now))) or 0
    return max(settings.second_look - done, 0)


def note_tonight(session: Session, settings: Settings, ideas: int, *, now: datetime) -> None:
    """Count ideas that were looked at again tonight; what was counted in other nights is forgotten."""
    night = _night(settings, now)
    done = session.scalar(select(Counter.value).where(Counter.name == night)) or 0
    session.execute(delete(Counter).where(Counter.name.like(f"{LEASE} %"), Counter.name != night))
    session.merge(Counter(name=night, value=done + ideas))


def _night(settings: Settings, now: datetime) -> str:
    return f"{LEASE} {now.astimezone(settings.zone).date()}"


def look_again(
    database: Database,
    mind: Mind,
    *,
    owner: str,
    clock: Callable[[], datetime],
    settings: Settings,
    most: int,
    is_over: Callable[[], bool] = lambda: False,
    progress: Progress | None = None,
) -> Looked:
    """Compare up to `most` ideas once more, earliest first; ends early when `is_over()`, asked after each batch.

    Raises TransientError while another process does the same or when another took over.
    """
    with kept_lease(database, LEASE, owner=owner, clock=clock, seconds=LEASE_SECONDS) as token:
        if token is None:
            raise TransientError("Another process takes the second look already: wait until it is done.")
        with database.reading() as session:
            total = min(waiting(session, mind), most)
        done = suggested = after = 0
        while done < most:
            limit = min(settings.batch_size, mind.index.most_at_once, most - done)
            with database.reading() as session:
                batch = _gather(session, mind, after=after, limit=limit)
                if not batch:
                    break
                near, ledger = neighbourhood(session, batch, mind)
                add_standing(session, ledger, first_ids(near))
                said = _said(session, [each.facts.id for each in batch])
            compared = compare(batch, near, ledger, mind)
            rows = [
                row
                for each in batch
                for row in _suggest(each.facts.id, compared[each.facts.id], ledger, said, clock())
            ]
            with database.writing() as session:
                hold_lease(session, LEASE, token, now=clock(), seconds=LEASE_SECONDS)
                suggested += _record(session, batch, rows, ledger, mind, now=clock())
            done += len(batch)
            after = batch[-1].facts.id
            if progress is not None:
                progress(done, max(total, done))
            if is_over():
                break
        with database.reading() as session:
            return Looked(done, suggested, waiting(session, mind))


def waiting(session: Session, mind: Mind) -> int:
    """How many ideas wait for a second look."""
    return session.scalar(select(func.count()).select_from(_waiting(mind).subquery())) or 0


def _waiting(mind: Mind) -> Any:  # a select of one column, whose type SQLAlchemy spells at length
    """Ideas that can still be joined and that weren't compared in today's way; of the others nobody needs to know."""
    return select(Idea.id).where(
        Idea.settled_at.is_not(None),
        Idea.status.in_([status.value for status in JOINABLE]),
        or_(Idea.compared_by.is_(None), Idea.compared_by != mind.comparer),
    )


def _gather(session: Session, mind: Mind, *, after: int, limit: int) -> list[Ready]:
    """The next ideas above the id `after`, as they were read in the space in use."""
    ids = session.scalars(_waiting(mind).where(Idea.id > after).order_by(Idea.id).limit(limit)).all()
    ready: dict[int, Ready] = {}
    for each in as_read(session, ids, IdeaReading.space == mind.model.space, even_unread=True):
        fits = len(each.reading.vector) in {0, mind.model.dimensions}
        found = each if fits else replace(each, reading=unread(each.reading.language))
        # Two models may share a space.
        if len(found.reading.vector) or each.facts.id not in ready:
            ready[each.facts.id] = found
    return list(ready.values())


@dataclass(frozen=True, slots=True)
class _Said:
    """Of the ideas of a batch: the pairs that have a link, those that a person called different, open suggestions."""

    linked: frozenset[Pair]
    different: frozenset[Pair]
    open: Mapping[int, int]


def _said(session: Session, ids: Sequence[int]) -> _Said:
    """All that was said of these ideas."""
    rows = session.execute(
        select(
            DuplicateLink.duplicate_id, DuplicateLink.original_id, DuplicateLink.state, DuplicateLink.evidence
        ).where(or_(DuplicateLink.duplicate_id.in_(ids), DuplicateLink.original_id.in_(ids)))
    ).all()
    waiting_for_a_word: dict[int, int] = {}
    for duplicate, _, state, _ in rows:
        if state == LinkState.SUGGESTED:
            waiting_for_a_word[duplicate] = waiting_for_a_word.get(duplicate, 0) + 1
    return _Said(
        linked=frozenset(frozenset((one, other)) for one, other, _, _ in rows),
        # What ended because another link was undone was no person's word on these two.
        different=frozenset(
            frozenset((one, other))
            for one, other, state, evidence in rows
            if state == LinkState.REJECTED or (state == LinkState.UNDONE and REVERSED not in evidence)
        ),
        open=waiting_for_a_word,
    )


def _suggest(
    idea_id: int, found: Sequence[tuple[int, PairVerdict]], ledger: Ledger, said: _Said, now: datetime
) -> list[dict[str, Any]]:
    """The suggestions to make for one idea, strongest first."""
    kept = [
        (earlier, verdict)
        for earlier, verdict in found
        # Neither of the two that were compared, nor of the idea that the other goes along with.
        if not {Pair((idea_id, earlier)), Pair((idea_id, ledger.original_of(earlier).id))} & said.different
    ]
    ranked = sorted(resemblances(kept, ledger), key=lambda each: (-each.probability, each.original.id))
    room = MOST_SUGGESTIONS - said.open.get(idea_id, 0)
    return [
        _row(idea_id, each, now)
        for each in ranked
        if each.sameness is not Sameness.NEW
        and each.original.id != idea_id
        and each.original.status in JOINABLE
        and Pair((idea_id, each.original.id)) not in said.linked
    ][: max(room, 0)]


def _row(idea_id: int, found: Resemblance, now: datetime) -> dict[str, Any]:
    return {
        "duplicate_id": idea_id,
        "original_id": found.original.id,
        "state": LinkState.SUGGESTED.value,
        "score": found.probability,
        "evidence": {**link_evidence(found.reason, found.passages, found.compared_id), "second_look": True},
        "made_at": now,
    }


def _record(
    session: Session,
    batch: Sequence[Ready],
    rows: Sequence[dict[str, Any]],
    ledger: Ledger,
    mind: Mind,
    *,
    now: datetime,
) -> int:
    """Write suggestions and that these ideas were compared; returns the number of suggestions that were new.

    The ideas are locked first: one that a person answered or linked meanwhile gets no suggestion.
    """
    ids = [each.facts.id for each in batch]
    still = set(
        session.scalars(
            select(Idea.id)
            .where(Idea.id.in_(ids), Idea.status.in_([status.value for status in JOINABLE]))
            .order_by(Idea.id)
            .with_for_update()
        )
    )
    linked = {
        (duplicate, original)
        for duplicate, original in session.execute(
            select(DuplicateLink.duplicate_id, DuplicateLink.original_id).where(
                DuplicateLink.duplicate_id.in_(ids)
            )
        )
    }
    new = [
        row
        for row in rows
        if row["duplicate_id"] in still and (row["duplicate_id"], row["original_id"]) not in linked
    ]
    insert_many(session, DuplicateLink, new, skip=["duplicate_id", "original_id"])
    insert_many(
        session,
        Event,
        [
            {
                "idea_id": row["duplicate_id"],
                "kind": "resembles",
                "at": now,
                "detail": {"original": ledger.ideas[row["original_id"]].reference},
            }
            for row in new
        ],
    )
    update_many(session, Idea, [{"id": each, "compared_by": mind.comparer} for each in ids], where={})
    return len(new)
