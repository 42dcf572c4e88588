"""A sparse matrix that grows at its end, without ever being in memory twice."""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.sparse_rows import SparseRows
from pipeline.text.lexical.vectoriser import row_products

_FIRST_CAPACITY = 1024
_GROWTH = 1.2


class GrowingRows(SparseRows):
    """In memory."""

    def __init__(self, columns: int) -> None:
        super().__init__(columns)
        self._data = np.zeros(_FIRST_CAPACITY, dtype=np.float32)
        self._indices = np.zeros(_FIRST_CAPACITY, dtype=np.int32)

    def _keep(self, matrix: sparse.csr_matrix) -> None:
        begin, end = self.size, self.size + matrix.nnz
        if end > len(self._data):
            self._resize(max(end, int(_GROWTH * len(self._data))))
        self._data[begin:end], self._indices[begin:end] = matrix.data, matrix.indices

    def take(self, chosen: Integers) -> sparse.csr_matrix:
        return self._whole()[chosen]

    def products(self, one: Integers, other: Integers) -> npt.NDArray[np.float64]:
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
