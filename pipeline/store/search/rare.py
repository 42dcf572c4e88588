"""The index of rare words that follows the database, kept in the process on both stores."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Idea, IdeaReading
from models.session import Database
from pipeline.core import IdeaText, Words, no_words
from pipeline.store.reading.readings import kept_words, words_of
from pipeline.store.search.filling import fill_in
from pipeline.store.search.neighbours import next_readings
from pipeline.text.lexical.features import occurrences
from pipeline.text.lexical.rare import RareIndex, rare_words

# How far the readings were looked through for those that lack their words.
_COUNTER = "rare words"
_READ_AT_ONCE = 500


@dataclass(slots=True)
class FollowingWords:
    """The rare words of all ideas that were read in one space, up to the idea that was last seen."""

    space: str
    last_id: int = 0
    index: RareIndex = field(default_factory=RareIndex)

    def follow(self, session: Session, *, up_to: int) -> None:
        """Make the ideas up to and including `up_to` findable; all of them must have been read."""
        while self.last_id < up_to:
            rows = next_readings(session, IdeaReading.rare, space=self.space, after=self.last_id, up_to=up_to)
            if not rows:
                self.last_id = up_to
                return
            # Two models may share a space; the words are the same.
            kept: dict[int, bytes | None] = {}
            for idea_id, rare in rows:
                kept[idea_id] = kept.get(idea_id) or rare
            found = read_words(session, [idea_id for idea_id, rare in kept.items() if rare is None])
            found |= {idea_id: words_of(rare) for idea_id, rare in kept.items() if rare is not None}
            ids = sorted(found)
            self.index.add(np.array(ids, dtype=np.int64), [found[idea_id] for idea_id in ids])
            self.last_id = rows[-1][0]

    def forget(self, ids: Collection[int]) -> None:
        """Find these ideas no more: they were deleted."""
        self.index.discard(ids)


def keep_words(database: Database, *, most: int) -> int:
    """Keep the rare words of up to `most` ideas that were read before they were kept; returns how many it were."""

    def made(session: Session, rows: Sequence[tuple[int, int]]) -> list[bytes]:
        words = read_words(session, {idea for _, idea in rows})
        return [kept_words(words.get(idea, no_words())) for _, idea in rows]

    return fill_in(
        database,
        IdeaReading.rare,
        IdeaReading.idea_id,
        made,
        counter=_COUNTER,
        at_once=_READ_AT_ONCE,
        most=most,
    )


def read_words(session: Session, ids: Collection[int]) -> dict[int, Words]:
    """The rare words of ideas that were read before they were kept, from their texts."""
    found: dict[int, Words] = {}
    waiting = list(ids)
    for begin in range(0, len(waiting), _READ_AT_ONCE):
        rows = session.execute(
            select(Idea.id, Idea.title, Idea.text).where(Idea.id.in_(waiting[begin : begin + _READ_AT_ONCE]))
        ).all()
        texts = [IdeaText(str(idea_id), text, title).whole for idea_id, title, text in rows]
        words = rare_words(occurrences(texts))
        found |= {row[0]: each for row, each in zip(rows, words, strict=True)}
    return found
