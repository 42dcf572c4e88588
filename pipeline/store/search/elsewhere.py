"""Finds ideas in the other language by what they mean, in the process on both stores.

Where words count, as in the vector space, a Dutch idea lies far from its English double; so it is looked for by the
encoder's part alone. Signs tell which may be near, 32 bytes an idea; the vectors themselves how near those are.
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
from pipeline.text.duplicates.between_languages import BOTH, NEAR, BetweenLanguages
from pipeline.text.vectors.signs import SignIndex, Signs
from pipeline.text.vectors.space import VectorSpace

# How far the readings were looked through for those that lack their signs.
_COUNTER = "meanings"
_BLOCK = 5_000
# So many of those with the fewest different signs are measured by their vectors.
SHORTLIST = 64
# Below this place between what merely looks alike and a translation (see BetweenLanguages) no pair is ever likely.
PLAUSIBLE = 0.4
# By how many standard deviations the number of different signs may exceed what is expected of an angle.
_SLACK = 2.5
_ASKED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An earlier idea in the other language: the cosine of the encoder's vectors, and its lead over those that are
    nearest besides (see `BetweenLanguages`).
    """

    key: int
    cosine: float
    lead: float


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
                )
                .order_by(IdeaReading.idea_id, IdeaReading.id)
                .limit(_BLOCK)
            ).all()
            if not rows:
                self.last_id = up_to
                return
            # Two models may share a space; the signs are the same.
            kept = {idea_id: (language, meaning) for idea_id, language, meaning in reversed(rows)}
            made = self._made(session, [idea_id for idea_id, (_, meaning) in kept.items() if meaning is None])
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

    def before(
        self,
        session: Session,
        neighbours: Neighbours,
        keys: Sequence[int],
        languages: Sequence[str],
        vectors: Vector,
    ) -> list[list[Elsewhere]]:
        """For each idea up to NEAR earlier ones in the other language that may be the same, nearest first, then earliest.

        `vectors`: float32 (n, dimensions), of the space; `neighbours` knows the vectors of all ideas.
        """
        found: list[list[Elsewhere]] = [[] for _ in keys]
        if self.between is None or not any(map(len, self.index.values())):
            return found
        near = [
            self._shortlisted(key, language, code)
            for key, language, code in zip(keys, languages, self.space.signs(vectors), strict=True)
        ]
        asked = [place for place, ids in enumerate(near) if ids]
        for begin in range(0, len(asked), _ASKED_AT_ONCE):
            some = asked[begin : begin + _ASKED_AT_ONCE]
            cosines = neighbours.cosines(
                session, self.space.meant(vectors[some]), [near[place] for place in some]
            )
            for place, close in zip(some, cosines, strict=True):
                found[place] = self._ranked(near[place], close, self.between)
        return found

    def _shortlisted(self, key: int, language: str, code: bytes) -> list[int]:
        """Those of the other language that may be near enough to matter, or none when no one is near enough to be likely."""
        index = self.index.get(_other(language))
        if index is None or not len(index) or not code or self.between is None:
            return []
        ids, differing = index.search(
            np.frombuffer(code, dtype=np.uint64), SHORTLIST, before=key, within=self._within(0.0)
        )
        return ids.tolist() if len(ids) and differing[0] <= self._within(PLAUSIBLE) else []

    def _ranked(self, ids: list[int], cosines: list[float], between: BetweenLanguages) -> list[Elsewhere]:
        order = sorted(range(len(ids)), key=lambda place: (-cosines[place], ids[place]))[: NEAR + 1]
        nearest = np.array([cosines[place] for place in order])
        likely = int((between.likeness(nearest[:NEAR]) >= PLAUSIBLE).sum())
        others = np.array([np.delete(nearest, place) for place in range(likely)])
        others = others.reshape(likely, len(nearest) - 1)
        leads = between.lead(nearest[:likely], others).round(6).tolist()
        return [
            Elsewhere(ids[place], cosines[place], led)
            for place, led in zip(order[:likely], leads, strict=True)
        ]

    def _within(self, likeness: float) -> int:
        """In how many signs two ideas may differ that are at least so much alike, on the scale of `BetweenLanguages`."""
        if self.between is None:
            return 0
        cosine = self.between.unlike + likeness * (self.between.alike - self.between.unlike)
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
        words = Signs.width_of(self.space.encoder_dimensions) // 64
        usable_ones = {key: code for key, code in signs.items() if len(code) == 8 * words}
        if not usable_ones:
            return
        codes = np.frombuffer(b"".join(usable_ones.values()), dtype=np.uint64).reshape(-1, words)
        self.index.setdefault(language, SignIndex(words)).add(
            np.fromiter(usable_ones, dtype=np.int64, count=len(usable_ones)), codes
        )


def keep_meanings(database: Database, space: VectorSpace, *, most: int) -> int:
    """Keep the signs of up to `most` ideas that were read in this space before they were kept; returns how many it were."""
    if not space.encoder_dimensions:
        return 0
    with database.reading() as session:
        seen = session.scalar(select(Counter.value).where(Counter.name == _COUNTER)) or 0
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
            session.merge(Counter(name=_COUNTER, value=last))
        if not rows:
            break
        seen, done = last, done + len(rows)
    return done


def signs_of(rows: Sequence[tuple[int, bytes | None]], space: VectorSpace) -> dict[int, bytes]:
    """The signs of kept vectors by their key; what is no vector of this space has none."""
    keys, vectors = usable(rows, space.dimensions)
    return dict(zip(keys.tolist(), space.signs(vectors), strict=True))


def _other(language: str) -> str:
    return dict(zip(BOTH, reversed(BOTH), strict=True)).get(language, "")
