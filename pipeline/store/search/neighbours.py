"""Neighbour indexes that follow the database, and the one that is kept in the process, for its life."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models import IdeaReading
from pipeline.core import Neighbour, Vector
from pipeline.text.lexical.features import Integers
from pipeline.text.vectors.neighbours import ExactIndex
from pipeline.text.vectors.shortlist import ShortlistIndex

_BLOCK = 5_000
# Above so many ideas the process compares signs first: see `pipeline.text.vectors.shortlist`.
EXACT_UP_TO = 200_000
_BYTES = 4  # in a float32
# Vectors have length one. What half precision can't hold, as PostgreSQL's index has it, is no vector of a space.
_LARGEST = float(np.finfo(np.float16).max)


class Neighbours(Protocol):
    """Finds the earlier ideas closest to an idea, within one vector space."""

    @property
    def space(self) -> str: ...

    @property
    def most_at_once(self) -> int:
        """How many ideas may be followed before they are looked for."""

    @property
    def is_exact(self) -> bool:
        """Whether nothing nearer can be missed."""

    def follow(self, session: Session, *, up_to: int) -> None:
        """Make the ideas up to and including `up_to` findable.

        The caller makes sure that all ideas up to there were read: ideas are settled in their order.
        """

    def catch_up(self, is_over: Callable[[], bool]) -> None:
        """Do what following left for a quiet moment, until `is_over()`."""

    def forget(self, ids: Collection[int]) -> None:
        """Find these ideas no more: they were deleted."""

    def before(
        self, session: Session, keys: list[int], vectors: Vector, k: int, *, least: float
    ) -> list[list[Neighbour]]:
        """For each vector its `k` nearest among followed ideas earlier than its key, with at least this cosine.

        `vectors` are float32 (n, dimensions), of unit length. Nearest first, then earliest.
        """

    def cosines(self, session: Session, vectors: Vector, ids: Sequence[Sequence[int]]) -> list[list[float]]:
        """For each vector its cosine to the ideas next to it in `ids`; 0 to one that has no vector."""


def next_readings(
    session: Session,
    column: InstrumentedAttribute[bytes | None],
    *,
    space: str,
    after: int,
    up_to: int | None = None,
) -> Sequence[tuple[int, bytes | None]]:
    """What the readings of the next few thousand ideas above the id `after` hold in a column: (idea, value), by idea;
    None where a reading lacks it. Empty when there are no more.
    """
    query = select(IdeaReading.idea_id, column).where(IdeaReading.space == space, IdeaReading.idea_id > after)
    if up_to is not None:
        query = query.where(IdeaReading.idea_id <= up_to)
    rows = session.execute(query.order_by(IdeaReading.idea_id, IdeaReading.id).limit(_BLOCK))
    return [(row[0], row[1]) for row in rows]


def usable(rows: Iterable[tuple[int, bytes | None]], dimensions: int) -> tuple[Integers, Vector]:
    """Ids (n,) and vectors (n, dimensions) of kept vectors.

    What is no vector of this space is left out: its idea must not stop all later ones. Two models may share a
    space; the vectors are the same, so one of them is enough.
    """
    whole = {idea_id: vector for idea_id, vector in rows if vector and len(vector) == dimensions * _BYTES}
    ids = np.fromiter(whole, dtype=np.int64, count=len(whole))
    vectors = np.frombuffer(b"".join(whole.values()), dtype=np.float32).reshape(-1, dimensions)
    sound = (np.abs(vectors) <= _LARGEST).all(axis=1)
    return ids[sound], vectors[sound]


@dataclass(slots=True)
class FollowingIndex:
    """Vectors of one space, up to the idea that was last seen."""

    space: str
    dimensions: int
    exact_up_to: int = EXACT_UP_TO
    last_id: int = 0
    index: ExactIndex = field(init=False)

    def __post_init__(self) -> None:
        self.index = ShortlistIndex(self.dimensions, self.exact_up_to)

    @property
    def most_at_once(self) -> int:
        """Any number: what comes later than the key costs nothing."""
        return _BLOCK

    @property
    def is_exact(self) -> bool:
        return self.index.is_exact

    def follow(self, session: Session, *, up_to: int) -> None:
        """Add the vectors of ideas above the last one seen, up to and including `up_to`."""
        while self.last_id < up_to:
            rows = next_readings(
                session, IdeaReading.vector, space=self.space, after=self.last_id, up_to=up_to
            )
            if not rows:
                self.last_id = up_to
                return
            self.index.add(*usable(rows, self.dimensions))
            self.last_id = rows[-1][0]

    def catch_up(self, is_over: Callable[[], bool]) -> None:
        """Nothing was left."""

    def forget(self, ids: Collection[int]) -> None:
        self.index.discard(ids)

    def before(
        self, session: Session, keys: list[int], vectors: Vector, k: int, *, least: float
    ) -> list[list[Neighbour]]:
        """For each vector its `k` nearest among followed ideas earlier than its key; exact when they are few."""
        del session  # all vectors are in the process
        return self.index.search(vectors, k, before=np.asarray(keys, dtype=np.int64), least=least)

    def cosines(self, session: Session, vectors: Vector, ids: Sequence[Sequence[int]]) -> list[list[float]]:
        """For each vector its cosine to the ideas next to it in `ids`; 0 to one that isn't followed."""
        del session  # as above
        return [self.index.cosines(vector, near) for vector, near in zip(vectors, ids, strict=True)]
