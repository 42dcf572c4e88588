"""Keeps what is known of texts that the pair model compares: an earlier idea is compared with many later ones."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.text.features import FEATURES, Integers
from pipeline.text.resemblance import Traits, traits
from pipeline.text.vectoriser import Vectoriser

# Of the features of all kept texts together, 8 bytes each: tens of thousands of short ideas, some thousands of long ones.
MOST_ENTRIES = 8_000_000
_FIRST_CAPACITY = 1024
_SPARSE = ("characters", "words", "present", "pairs", "names", "numbers")


class KeptTraits:
    """The traits of the texts that were last compared, in memory; when they become too many it begins anew."""

    def __init__(self, vectoriser: Vectoriser, most_entries: int = MOST_ENTRIES) -> None:
        self._vectoriser = vectoriser
        self._most_entries = most_entries
        self._forget()

    def read(self, texts: Sequence[str]) -> Traits:
        """The very same as `traits(texts, vectoriser)`; `texts` are distinct."""
        new = [text for text in texts if text not in self._row_of]
        if new:
            found = traits(new, self._vectoriser)
            if self.size + _size(found) > self._most_entries:
                self._forget()
                if len(new) < len(texts):
                    return self.read(texts)
            self._add(new, found)
        chosen = np.fromiter(map(self._row_of.__getitem__, texts), dtype=np.int64, count=len(texts))
        return Traits(
            **{name: rows.take(chosen) for name, rows in self._rows.items()}, denies=self._denies[chosen]
        )

    @property
    def size(self) -> int:
        """How many features are kept."""
        return sum(rows.size for rows in self._rows.values())

    def _forget(self) -> None:
        self._row_of: dict[str, int] = {}
        self._rows = {name: _Rows() for name in _SPARSE}
        self._denies: npt.NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)

    def _add(self, texts: Iterable[str], found: Traits) -> None:
        for text in texts:
            self._row_of[text] = len(self._row_of)
        for name, rows in self._rows.items():
            rows.add(getattr(found, name))
        self._denies = np.concatenate([self._denies, found.denies])


class _Rows:
    """A CSR matrix (rows, FEATURES) that grows at its end."""

    def __init__(self) -> None:
        self._data = np.zeros(_FIRST_CAPACITY, dtype=np.float32)
        self._indices = np.zeros(_FIRST_CAPACITY, dtype=np.int32)
        self._starts: Integers = np.zeros(1, dtype=np.int64)

    @property
    def size(self) -> int:
        return int(self._starts[-1])

    def add(self, matrix: sparse.csr_matrix) -> None:
        begin, end = self.size, self.size + matrix.nnz
        if end > len(self._data):
            capacity = max(end, 2 * len(self._data))
            self._data = np.resize(self._data, capacity)
            self._indices = np.resize(self._indices, capacity)
        self._data[begin:end], self._indices[begin:end] = matrix.data, matrix.indices
        self._starts = np.concatenate([self._starts, begin + matrix.indptr[1:].astype(np.int64)])

    def take(self, chosen: Integers) -> sparse.csr_matrix:
        """These rows, in this order."""
        begin, size = self._starts[chosen], np.diff(self._starts)[chosen]
        starts = np.concatenate([[0], np.cumsum(size)])
        entries = np.repeat(begin - starts[:-1], size) + np.arange(starts[-1])
        return sparse.csr_matrix(
            (self._data[entries], self._indices[entries], starts), shape=(len(chosen), FEATURES)
        )


def _size(found: Traits) -> int:
    return sum(getattr(found, name).nnz for name in _SPARSE)
