"""Neighbour indexes that follow the database, and the one that is kept in the process, for its life."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import IdeaReading
from pipeline.core import Neighbour, Vector
from pipeline.text.neighbours import ExactIndex, NeighbourIndex

_BLOCK = 5_000


class Neighbours(Protocol):
    """Finds the earlier ideas closest to an idea, within one vector space."""

    @property
    def space(self) -> str: ...

    @property
    def most_at_once(self) -> int:
        """How many ideas may be followed before they are looked for."""

    def follow(self, session: Session, *, up_to: int) -> None:
        """Make the ideas up to and including `up_to` findable.

        The caller makes sure that all ideas up to there were read: ideas are settled in their order.
        """

    def before(
        self, session: Session, keys: list[int], vectors: Vector, k: int, *, least: float
    ) -> list[list[Neighbour]]:
        """For each vector its `k` nearest among followed ideas earlier than its key, with at least this cosine.

        `vectors` are float32 (n, dimensions), of unit length. Nearest first, then earliest.
        """


@dataclass(slots=True)
class FollowingIndex:
    """Vectors of one space, up to the idea that was last seen."""

    space: str
    dimensions: int
    last_id: int = 0
    index: NeighbourIndex = field(init=False)

    def __post_init__(self) -> None:
        self.index = ExactIndex(self.dimensions)

    @property
    def most_at_once(self) -> int:
        """Any number: what comes later than the key costs nothing."""
        return _BLOCK

    def follow(self, session: Session, *, up_to: int) -> None:
        """Add the vectors of ideas above the last one seen, up to and including `up_to`."""
        while self.last_id < up_to:
            rows = session.execute(
                select(IdeaReading.idea_id, IdeaReading.vector)
                .where(
                    IdeaReading.space == self.space,
                    IdeaReading.idea_id > self.last_id,
                    IdeaReading.idea_id <= up_to,
                    IdeaReading.vector.is_not(None),
                )
                .order_by(IdeaReading.idea_id, IdeaReading.id)
                .limit(_BLOCK)
            ).all()
            if not rows:
                self.last_id = up_to
                return
            # Two models may share a space; the vectors are the same, so one of them is enough.
            vectors = {idea_id: vector for idea_id, vector in rows if vector is not None}
            self.index.add(
                np.fromiter(vectors, dtype=np.int64, count=len(vectors)),
                np.frombuffer(b"".join(vectors.values()), dtype=np.float32).reshape(-1, self.dimensions),
            )
            self.last_id = rows[-1][0]

    def before(
        self, session: Session, keys: list[int], vectors: Vector, k: int, *, least: float
    ) -> list[list[Neighbour]]:
        """For each vector its `k` nearest among followed ideas earlier than its key; exact."""
        del session  # all vectors are in the process
        return self.index.search(vectors, k, before=np.asarray(keys, dtype=np.int64), least=least)
