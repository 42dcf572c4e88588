"""A sparse matrix of which only the rows that are asked for are in memory."""

import os
import tempfile
import weakref

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.sparse_rows import SparseRows
from pipeline.text.lexical.vectoriser import row_products

_PAIRS_AT_ONCE = 4_096


class RowsOnDisk(SparseRows):
    """In a temporary file without a name, which goes when this does. Raises OSError where the disk is full."""

    def __init__(self, columns: int) -> None:
        super().__init__(columns)
        # Without a buffer: rows are read here and there, and what is written comes in large pieces.
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # closed when this goes
        weakref.finalize(self, self._file.close)

    def _keep(self, matrix: sparse.csr_matrix) -> None:
        # Each row becomes one piece of the file: its columns, then its values.
        sizes = np.diff(matrix.indptr)
        places = np.arange(matrix.nnz) + np.repeat(matrix.indptr[:-1], sizes)
        pieces = np.empty(2 * matrix.nnz, dtype=np.int32)
        pieces[places] = matrix.indices
        pieces[places + np.repeat(sizes, sizes)] = matrix.data.astype(np.float32, copy=False).view(np.int32)
        self._file.seek(8 * self.size)
        rest = memoryview(pieces.data).cast("B")
        while rest:
            rest = rest[self._file.write(rest) :]

    def take(self, chosen: Integers) -> sparse.csr_matrix:
        begins, sizes = self._starts[chosen], (self._starts[1:] - self._starts[:-1])[chosen]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        indices, data = np.empty(starts[-1], dtype=np.int32), np.empty(starts[-1], dtype=np.float32)
        if starts[-1]:
            columns, values = memoryview(indices.data).cast("B"), memoryview(data.data).cast("B")
            file, at = self._file.fileno(), 0
            for begin, size in zip((8 * begins).tolist(), (4 * sizes).tolist(), strict=True):
                end = at + size
                if os.preadv(file, (columns[at:end], values[at:end]), begin) != 2 * size:
                    raise OSError("A temporary file was cut short.")
                at = end
        return sparse.csr_matrix((data, indices, starts), shape=(len(chosen), self._columns))

    def products(self, one: Integers, other: Integers) -> npt.NDArray[np.float64]:
        product = np.zeros(len(one))
        for begin in range(0, len(one), _PAIRS_AT_ONCE):
            span = slice(begin, begin + _PAIRS_AT_ONCE)
            places, found = np.unique(np.concatenate([one[span], other[span]]), return_inverse=True)
            left, right = np.split(found, [len(found) // 2])
            product[span] = row_products(self.take(places), left, right)
        return product
