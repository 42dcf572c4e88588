"""A sparse matrix that grows at its end, without ever being in memory twice."""

import numpy as np
from scipy import sparse

from pipeline.text.lexical.features import Integers

_FIRST_CAPACITY = 1024
_GROWTH = 1.2


class GrowingRows:
    """CSR float32 (rows, columns)."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._data = np.zeros(_FIRST_CAPACITY, dtype=np.float32)
        self._indices = np.zeros(_FIRST_CAPACITY, dtype=np.int32)
        self._starts: Integers = np.zeros(1, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._starts) - 1

    @property
    def size(self) -> int:
        """How many entries it holds."""
        return int(self._starts[-1])

    def add(self, matrix: sparse.csr_matrix) -> None:
        begin, end = self.size, self.size + matrix.nnz
        if end > len(self._data):
            self._resize(max(end, int(_GROWTH * len(self._data))))
        self._data[begin:end], self._indices[begin:end] = matrix.data, matrix.indices
        self._starts = np.concatenate([self._starts, begin + matrix.indptr[1:].astype(np.int64)])

    def take(self, chosen: Integers) -> sparse.csr_matrix:
        """These rows, in this order."""
        begin, size = self._starts[chosen], np.diff(self._starts)[chosen]
        starts = np.concatenate([[0], np.cumsum(size)])
        entries = np.repeat(begin - starts[:-1], size) + np.arange(starts[-1])
        return sparse.csr_matrix(
            (self._data[entries], self._indices[entries], starts), shape=(len(chosen), self._columns)
        )

    def finished(self) -> sparse.csr_matrix:
        """All rows; nothing can be added any more."""
        self._resize(self.size)
        return sparse.csr_matrix((self._data, self._indices, self._starts), shape=(len(self), self._columns))

    def _resize(self, capacity: int) -> None:
        # In place, which moves pages instead of copying what they hold. Nobody else has these arrays.
        self._data.resize(capacity, refcheck=False)
        self._indices.resize(capacity, refcheck=False)
