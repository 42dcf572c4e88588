"""What a process loads once and keeps."""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.orm import Session

from pipeline.store.search.meanings import FollowingMeanings
from pipeline.store.search.neighbours import Neighbours
from pipeline.store.search.rare import FollowingWords
from pipeline.text.duplicates.pairs import PairModel
from pipeline.text.model import TextModel

# To be raised when ideas are looked for in another way, so that the second look compares them again.
_WAY = 2


@dataclass(frozen=True, slots=True)
class Mind:
    """The text model, the pair model and the indexes, of vectors, of rare words and of meanings, of one process."""

    model: TextModel
    pairs: PairModel
    index: Neighbours
    words: FollowingWords
    meanings: FollowingMeanings

    def follow(self, session: Session, *, up_to: int) -> None:
        """Make the ideas up to and including `up_to` findable; all of them must have been read."""
        self.index.follow(session, up_to=up_to)
        self.words.follow(session, up_to=up_to)
        self.meanings.follow(session, up_to=up_to)

    def forget(self, ids: Collection[int]) -> None:
        """Find these ideas no more: they were deleted."""
        self.index.forget(ids)
        self.words.forget(ids)
        self.meanings.forget(ids)

    @property
    def comparer(self) -> str:
        """What compares two ideas: the same as long as the vector space and the pair model are."""
        described = f"{_WAY} {self.model.space} {self.pairs.version}"
        return f"pairs-{sha256(described.encode()).hexdigest()[:16]}"
