"""The index of what ideas mean, by language, kept in the process on both stores.

Signs of the encoder's vectors tell which ideas may be near, 32 bytes an idea; the vectors themselves how near those are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import IdeaReading
from models.among import among
from models.session import Database
from pipeline.core import Vector
from pipeline.store.search.filling import fill_in
from pipeline.store.search.neighbours import Neighbours, usable
from pipeline.text.duplicates.between_languages import BOTH, BetweenLanguages
from pipeline.text.lexical.features import Integers
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
        if self.between is None or not any(language in self.index for _, language in asked):
            return found
        counted, enough = self._within(self.between, 0.0), self._within(self.between, least)
        near = [
            self._shortlisted(key, language, code, counted, enough)
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

    def _shortlisted(self, key: int, language: str, code: bytes, counted: int, enough: int) -> list[int]:
        """Those that differ in at most `counted` signs, or none when none differs in at most `enough`."""
        index = self.index.get(language)
        if index is None or not len(index) or not code:
            return []
        ids, differing = index.search(
            np.frombuffer(code, dtype=np.uint64), SHORTLIST, before=key, within=counted
        )
        return ids.tolist() if len(ids) and differing[0] <= enough else []

    def _within(self, between: BetweenLanguages, likeness: float) -> int:
        """In how many signs two ideas may differ that are at least so much alike, on the scale of `BetweenLanguages`."""
        level = between.short
        cosine = level.unlike + likeness * (level.alike - level.unlike)
        share = float(np.arccos(np.clip(cosine, -1, 1)) / np.pi)
        width = Signs.width_of(self.space.encoder_dimensions)
        return int(width * share + _SLACK * np.sqrt(width * share * (1 - share)))

    def _made(self, session: Session, ids: Sequence[int]) -> dict[int, bytes]:
        """The signs of ideas that were read before they were kept, from their vectors."""
        made: dict[int, bytes] = {}
        for begin in range(0, len(ids), _BLOCK):
            keys, vectors = vectors_of(session, self.space, ids[begin : begin + _BLOCK])
            made |= zip(keys.tolist(), self.space.signs(vectors), strict=True)
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

    def made(_: Session, rows: Sequence[tuple[int, bytes | None]]) -> list[bytes]:
        keys, vectors = usable(rows, space.dimensions)
        signs = dict(zip(keys.tolist(), space.signs(vectors), strict=True))
        return [signs.get(reading, b"") for reading, _ in rows]

    return fill_in(
        database,
        IdeaReading.meaning,
        IdeaReading.vector,
        made,
        counter=f"{_COUNTER} {space.identity}",
        at_once=_BLOCK,
        most=most,
        only=[IdeaReading.space == space.identity],
    )


def vectors_of(session: Session, space: VectorSpace, ids: Collection[int]) -> tuple[Integers, Vector]:
    """Ids (n,) and vectors (n, dimensions) of those of these ideas that have one in this space."""
    if not ids:
        return usable([], space.dimensions)
    rows = session.execute(
        select(IdeaReading.idea_id, IdeaReading.vector)
        .where(IdeaReading.space == space.identity, among(session, IdeaReading.idea_id, ids))
        .order_by(IdeaReading.idea_id, IdeaReading.id)
    )
    return usable([(row[0], row[1]) for row in rows], space.dimensions)
