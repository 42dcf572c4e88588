"""What a process loads once and keeps."""

from dataclasses import dataclass
from hashlib import sha256

from pipeline.store.search.neighbours import Neighbours
from pipeline.store.search.rare import FollowingWords
from pipeline.text.duplicates.pairs import PairModel
from pipeline.text.model import TextModel

# To be raised when ideas are looked for in another way, so that the second look compares them again.
_WAY = 1


@dataclass(frozen=True, slots=True)
class Mind:
    """The text model, the pair model and the two indexes, of vectors and of rare words, of one process."""

    model: TextModel
    pairs: PairModel
    index: Neighbours
    words: FollowingWords

    @property
    def comparer(self) -> str:
        """What compares two ideas: the same as long as the vector space and the pair model are."""
        described = f"{_WAY} {self.model.space} {self.pairs.version}"
        return f"pairs-{sha256(described.encode()).hexdigest()[:16]}"
