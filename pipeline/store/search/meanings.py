"""The index of what ideas mean, by language, kept in the process on both stores.

Signs of the encoder's vectors tell which ideas may be near, 32 bytes an idea; the vectors themselves how near those are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Counter, IdeaReading
from models.among import among
from models.bulk import update_many
from models.session import Database
from pipeline.core import Vector
from pipeline.store.search.neighbours import Neighbours, usable
from pipeline.text.duplicates.between_languages import BOTH, BetweenLanguages
from pipeline.text.vectors.signs import SignIndex, Signs
from pipeline.text.vectors.space import VectorSpace

# How far the readings were looked through for those that lack their signs.
_COUNTER = "meanings of"
_BLOCK = 5_000
# So many of those with the fewest different signs are measured by their vectors.
SHORTLIST = 64
# So many are told: among them are those that stand beside a pair, and copies of it, which don't count.
NEAREST = 16
# By how many standard deviations the number of different signs may exceed what is expected of an angle.
_SLACK = 2.5
_ASKED_AT_ONCE = 64
_BYTES = 8  # in a uint64


@dataclass(slots=True)
class FollowingMeanings:
    """The signs of all ideas that were read in one space, by language, up to the idea that was last seen.

    Without `between`, which says how the encoder's cosines are to be read, nothing is followed or found.
    """

    space: VectorSpace
    between: BetweenLanguages | None
    last_id: int = 0
    index: dict[str, SignIndex] = field(default_factory=dict)

    def follow(self, session: Session, *, up_to: int) -> None:
        """Make the ideas up to and including `up_to` findable; all of them must have been read."""
        if self.between is None:
            return
        while self.last_id < up_to:
            rows = session.execute(
                select(IdeaReading.idea_id, IdeaReading.language, IdeaReading.meaning)
                .where(
                    IdeaReading.space == self.space.identity,
                    IdeaReading.idea_id > self.last_id,
                    IdeaReading.idea_id <= up_to,
                    # Not those that could not be read: another model in the same space may have read the idea.
                    IdeaReading.vector.is_not(None),
                )
                .order_by(IdeaReading.idea_id, IdeaReading.id)
                .limit(_BLOCK)
            ).all()
            if not rows:
                self.last_id = up_to
                return
            # Two models may share a space; the signs are the same.
            kept = {idea_id: (language, meaning) for idea_id, language, meaning in reversed(rows)}
            made = self._made(session, [idea_id for idea_id, (_, meaning) in kept.items() if not meaning])
            for language in BOTH:
                known = {
                    idea_id: meaning or made.get(idea_id, b"")
                    for idea_id, (spoken, meaning) in kept.items()
                    if spoken == language
                }
                self._add(language, {idea_id: known[idea_id] for idea_id in sorted(known)})
            self.last_id = rows[-1][0]

    def forget(self, ids: Collection[int]) -> None:
        """Find these ideas no more: they were deleted."""
        for index in self.index.values():
            index.discard(ids)

    def nearest(
        self,
        session: Session,
        neighbours: Neighbours,
        asked: Sequence[tuple[int, str]],
        vectors: Vector,
        *,
        least: float,
    ) -> list[list[tuple[int, float]]]:
        """For each of `asked`, a key and a language, up to NEAREST ideas below the key in that language: id and cosine of
        the encoder's vectors, nearest first, then earliest. None when hardly any can reach `least`, a place on the scale of
        `BetweenLanguages`.

        `vectors`: float32 (asked, dimensions), of the space; `neighbours` knows the vectors of all ideas.
        """
        found: list[list[tuple[int, float]]] = [[] for _ in asked]
        if self.between is None or not any(map(len, self.index.values())):
            return found
        near = [
            self._shortlisted(key, language, code, least)
            for (key, language), code in zip(asked, self.space.signs(vectors), strict=True)
        ]
        some = [place for place, ids in enumerate(near) if ids]
        for begin in range(0, len(some), _ASKED_AT_ONCE):
            part = some[begin : begin + _ASKED_AT_ONCE]
            cosines = neighbours.cosines(
                session, self.space.meant(vectors[part]), [near[place] for place in part]
            )
            for place, close in zip(part, cosines, strict=True):
                ranked = sorted(zip(near[place], close, strict=True), key=lambda each: (-each[1], each[0]))
                found[place] = ranked[:NEAREST]
        return found

    def _shortlisted(self, key: int, language: str, code: bytes, least: float) -> list[int]:
        index = self.index.get(language)
        if index is None or not len(index) or not code:
            return []
        ids, differing = index.search(
            np.frombuffer(code, dtype=np.uint64), SHORTLIST, before=key, within=self._within(0.0)
        )
        return ids.tolist() if len(ids) and differing[0] <= self._within(least) else []

    def _within(self, likeness: float) -> int:
        """In how many signs two ideas may differ that are at least so much alike, on the scale of `BetweenLanguages`."""
        if self.between is None:
            return 0
        level = self.between.short
        cosine = level.unlike + likeness * (level.alike - level.unlike)
        share = float(np.arccos(np.clip(cosine, -1, 1)) / np.pi)
        width = Signs.width_of(self.space.encoder_dimensions)
        return int(width * share + _SLACK * np.sqrt(width * share * (1 - share)))

    def _made(self, session: Session, ids: Sequence[int]) -> dict[int, bytes]:
        """The signs of ideas that were read before they were kept, from their vectors."""
        made: dict[int, bytes] = {}
        for begin in range(0, len(ids), _BLOCK):
            rows = session.execute(
                select(IdeaReading.idea_id, IdeaReading.vector).where(
                    IdeaReading.space == self.space.identity,
                    among(session, IdeaReading.idea_id, ids[begin : begin + _BLOCK]),
                )
            ).all()
            made |= signs_of([(row[0], row[1]) for row in rows], self.space)
        return made

    def _add(self, language: str, signs: dict[int, bytes]) -> None:
        words = Signs.words_of(self.space.encoder_dimensions)
        whole = {key: code for key, code in signs.items() if len(code) == words * _BYTES}
        if whole:
            codes = np.frombuffer(b"".join(whole.values()), dtype=np.uint64).reshape(-1, words)
            keys = np.fromiter(whole, dtype=np.int64, count=len(whole))
            self.index.setdefault(language, SignIndex(words)).add(keys, codes)


def keep_meanings(database: Database, meanings: FollowingMeanings, *, most: int) -> int:
    """Keep the signs of up to `most` ideas that were read in the space before they were kept; returns how many it were."""
    if meanings.between is None:
        return 0
    space = meanings.space
    counter = f"{_COUNTER} {space.identity}"
    with database.reading() as session:
        seen = session.scalar(select(Counter.value).where(Counter.name == counter)) or 0
    done = 0
    while done < most:
        with database.writing() as session:
            rows = session.execute(
                select(IdeaReading.id, IdeaReading.vector)
                .where(
                    IdeaReading.id > seen,
                    IdeaReading.meaning.is_(None),
                    IdeaReading.space == space.identity,
                )
                .order_by(IdeaReading.id)
                .limit(min(_BLOCK, most - done))
            ).all()
            # All readings of today have their signs: what was looked through needs no second time.
            last = rows[-1][0] if rows else session.scalar(select(func.max(IdeaReading.id))) or 0
            signs = signs_of([(row[0], row[1]) for row in rows], space)
            update_many(
                session,
                IdeaReading,
                [{"id": row[0], "meaning": signs.get(row[0], b"")} for row in rows],
                where={},
            )
            session.merge(Counter(name=counter, value=last))
        if not rows:
            break
        seen, done = last, done + len(rows)
    return done


def signs_of(rows: Sequence[tuple[int, bytes | None]], space: VectorSpace) -> dict[int, bytes]:
    """The signs of kept vectors by their key; what is no vector of this space has none."""
    keys, vectors = usable(rows, space.dimensions)
    return dict(zip(keys.tolist(), space.signs(vectors), strict=True))
