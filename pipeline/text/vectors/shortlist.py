"""Nearest neighbours among so many ideas that comparing with each of them takes too long.

First the signs of the vectors alone are compared (see `pipeline.text.vectors.signs`), and only the few with the
fewest different ones exactly. Beside a graph it is slower among millions, but needs no building, takes
32 bytes an idea, and its answer depends on the ideas alone: not on their order, nor on what else was asked for.
"""

import numpy as np
import numpy.typing as npt

from pipeline.core import Neighbour
from pipeline.text.lexical.features import Integers
from pipeline.text.vectors.neighbours import ExactIndex, Vectors, ranked
from pipeline.text.vectors.signs import Codes, Signs, differing

# So many are compared exactly; of as many near ones as people ask for, hardly any is missing among these.
SHORTLIST = 1_000


class ShortlistIndex(ExactIndex):
    """Exact up to `exact_up_to` ideas; above, exact among those with the fewest different signs."""

    def __init__(self, dimensions: int, exact_up_to: int) -> None:
        super().__init__(dimensions)
        self._exact_up_to = exact_up_to
        self._signs = Signs(dimensions)
        self._codes: Codes = np.zeros((Signs.words_of(dimensions), 0), dtype=np.uint64)
        self._coded = 0

    @property
    def is_exact(self) -> bool:
        return len(self) <= self._exact_up_to

    def search(
        self, vectors: Vectors, k: int, *, before: Integers | None = None, least: float = -1.0
    ) -> list[list[Neighbour]]:
        if self.is_exact or k < 1:
            return super().search(vectors, k, before=before, least=least)
        self._code()
        wanted = self._signs.of(vectors)
        limits = np.full(len(vectors), np.iinfo(np.int64).max) if before is None else before
        return [
            self._near(vector, code, int(limit), k, least)
            for vector, code, limit in zip(vectors, wanted, limits, strict=True)
        ]

    def _near(
        self, vector: npt.NDArray[np.float32], code: Codes, limit: int, k: int, least: float
    ) -> list[Neighbour]:
        distance = differing(self._codes[:, : self._size], code)
        # Later ones first out, so that they can't take the place of earlier ones.
        distance[self._keys[: self._size] >= limit] = self._signs.width + 1
        # The least distance within which there are enough; counting a few times is quicker than sorting once. All of those
        # at that distance, or which of them are compared would depend on their order.
        low, high = 0, self._signs.width
        while low < high:
            middle = (low + high) // 2
            if np.count_nonzero(distance <= middle) >= SHORTLIST:
                high = middle
            else:
                low = middle + 1
        rows = np.flatnonzero(distance <= high)
        return ranked(self._keys[rows], self.likeness(vector, rows), k, least)

    def _code(self) -> None:
        """Bring the codes up to date with the vectors that came since."""
        if self._codes.shape[1] < len(self._keys):
            grown = np.zeros((len(self._codes), len(self._keys)), dtype=np.uint64)
            grown[:, : self._coded] = self._codes[:, : self._coded]
            self._codes = grown
        for begin in range(self._coded, self._size, 65_536):
            end = min(begin + 65_536, self._size)
            self._codes[:, begin:end] = self._signs.of(self._vectors[begin:end]).T
        self._coded = self._size

    def _changed(self, row: int) -> None:
        self._coded = min(self._coded, row)
