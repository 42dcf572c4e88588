"""A sparse matrix to which rows are added, wherever it keeps them."""

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.text.lexical.features import Integers


class SparseRows(ABC):
    """CSR float32 (rows, columns); where each row begins is in memory, 8 bytes a row."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._starts: Integers = np.zeros(1, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._starts) - 1

    @property
    def columns(self) -> int:
        return self._columns

    @property
    def size(self) -> int:
        """How many entries it holds."""
        return int(self._starts[-1])

    def sizes(self) -> Integers:
        """How many entries each row has: (rows,)."""
        return np.diff(self._starts)

    def add(self, matrix: sparse.csr_matrix) -> None:
        """Rows of float32 with as many columns go to the end."""
        self._keep(matrix)
        self._starts = np.concatenate([self._starts, self.size + matrix.indptr[1:].astype(np.int64)])

    @abstractmethod
    def _keep(self, matrix: sparse.csr_matrix) -> None:
        """Keep the entries of rows to come, behind the `size` entries that are there."""

    @abstractmethod
    def take(self, chosen: Integers) -> sparse.csr_matrix:
        """These rows, in this order."""

    @abstractmethod
    def products(self, one: Integers, other: Integers) -> npt.NDArray[np.float64]:
        """Inner products of the rows at places `one` and `other`: (pairs,)."""
