"""A sparse matrix that grows at its end, without ever being in memory twice."""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.vectoriser import row_products

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
    def columns(self) -> int:
        return self._columns

    def sizes(self) -> Integers:
        """How many entries each row has: (rows,)."""
        return np.diff(self._starts)

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
        return self._whole()[chosen]

    def products(self, one: Integers, other: Integers) -> npt.NDArray[np.float64]:
        """Inner products of the rows at places `one` and `other`: (pairs,)."""
        return row_products(self._whole(), one, other)

    def _whole(self) -> sparse.csr_matrix:
        # Not to be kept: what it looks at moves when rows are added.
        size = self.size
        return sparse.csr_matrix(
            (self._data[:size], self._indices[:size], self._starts), shape=(len(self), self._columns)
        )

    def _resize(self, capacity: int) -> None:
        # In place, which moves pages instead of copying what they hold. Nobody else has these arrays.
        self._data.resize(capacity, refcheck=False)
        self._indices.resize(capacity, refcheck=False)
