"""Nearest neighbours by cosine among all ideas."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from pipeline.core import Neighbour
from pipeline.text.lexical.features import Integers

Vectors = npt.NDArray[np.float32]

_BLOCK_VALUES = 8_000_000
_FIRST_CAPACITY = 1024
_DECIMALS = 6
_TINY = 1e-6
# Columns of which the highest is looked at first, and for each neighbour asked for at least so many of these.
_LONGEST_STRETCH, _STRETCHES = 128, 8


class NeighbourIndex(Protocol):
    """Finds the ideas closest to a vector. Keys are the ideas' own, ascending in order of arrival."""

    def __len__(self) -> int: ...

    def add(self, keys: Integers, vectors: Vectors) -> None:
        """Add vectors, float32 (n, dimensions) of unit length; a key that is there already gets the new one."""

    def discard(self, keys: Iterable[int]) -> None:
        """Take out what these keys have, if they have anything."""

    def search(
        self, vectors: Vectors, k: int, *, before: Integers | None = None, least: float = -1.0
    ) -> list[list[Neighbour]]:
        """For each vector its `k` nearest, by cosine descending, then key ascending.

        `before`: one key per vector; only neighbours with a lower key are returned. `least`: only neighbours
        with at least this cosine; a high one makes the search quicker.
        """


class ExactIndex:
    """Compares with every vector: exact, in memory, and quick up to some 100,000 ideas."""

    def __init__(self, dimensions: int) -> None:
        self._vectors = np.zeros((0, dimensions), dtype=np.float32)
        self._keys = np.zeros(0, dtype=np.int64)
        self._size = 0
        self._row_of: dict[int, int] = {}

    def __len__(self) -> int:
        return self._size

    def __contains__(self, key: int) -> bool:
        return key in self._row_of

    def add(self, keys: Integers, vectors: Vectors) -> None:
        if vectors.shape != (len(keys), self._vectors.shape[1]):
            raise ValueError(
                f"{len(keys)} keys need vectors of shape ({len(keys)}, {self._vectors.shape[1]}), not {vectors.shape}"
            )
        self._reserve(self._size + len(keys))
        for key, vector in zip(keys.tolist(), vectors, strict=True):
            row = self._row_of.setdefault(key, self._size)
            if row == self._size:
                self._keys[row] = key
                self._size += 1
            else:
                self._changed(row)
            self._vectors[row] = vector

    def discard(self, keys: Iterable[int]) -> None:
        for key in keys:
            row = self._row_of.pop(key, None)
            if row is None:
                continue
            # The last one takes its place: the order of the rows means nothing.
            self._size -= 1
            self._changed(min(row, self._size))
            if row < self._size:
                self._keys[row], self._vectors[row] = self._keys[self._size], self._vectors[self._size]
                self._row_of[int(self._keys[row])] = row

    @property
    def is_exact(self) -> bool:
        """Whether nothing nearer can be missed."""
        return True

    @property
    def size(self) -> int:
        """Bytes that the vectors and their keys take."""
        return self._vectors.nbytes + self._keys.nbytes

    def cosines(self, vector: npt.NDArray[np.float32], keys: Sequence[int]) -> list[float]:
        """The cosine of a unit vector to each of `keys`; 0 for one that isn't here."""
        rows = [self._row_of.get(key, -1) for key in keys]
        close = self.likeness(vector, np.array([max(row, 0) for row in rows], dtype=np.int64))
        return [0.0 if row < 0 else cosine for row, cosine in zip(rows, close.tolist(), strict=True)]

    def likeness(self, vector: npt.NDArray[np.float32], rows: Integers) -> Vectors:
        """Cosines (rows,) to the vectors in these rows."""
        return cosines_to(vector, self._vectors[rows])

    def search(
        self, vectors: Vectors, k: int, *, before: Integers | None = None, least: float = -1.0
    ) -> list[list[Neighbour]]:
        if k < 1 or not self._size:
            return [[] for _ in range(len(vectors))]
        block = max(1, _BLOCK_VALUES // self._size)
        found: list[list[Neighbour]] = []
        for begin in range(0, len(vectors), block):
            limits = None if before is None else before[begin : begin + block]
            found.extend(self._search(vectors[begin : begin + block], k, limits, least))
        return found

    def _search(
        self, vectors: Vectors, k: int, before: Integers | None, least: float
    ) -> list[list[Neighbour]]:
        keys = self._keys[: self._size]
        cosines = vectors @ self._vectors[: self._size].T
        if before is not None:
            late = np.flatnonzero(keys >= before.min())
            cosines[:, late] = np.where(keys[late] < before[:, None], cosines[:, late], -np.inf)
        row, column = _nearly_best(cosines, k, least - _TINY)
        # Rounded, so that the order of addition inside the product can't decide between equals.
        close = np.round(cosines[row, column], _DECIMALS)
        kept = close >= least
        row, close, key = row[kept], close[kept], keys[column[kept]]
        order = np.lexsort((key, -close, row))
        row, close, key = row[order], close[order], key[order]
        ends = np.searchsorted(row, np.arange(len(vectors) + 1))
        return [
            [
                Neighbour(near, cosine)
                for near, cosine in zip(
                    key[begin : min(begin + k, end)].tolist(),
                    close[begin : min(begin + k, end)].astype(float).tolist(),
                    strict=True,
                )
            ]
            for begin, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
        ]

    def _changed(self, row: int) -> None:
        """What is kept beside the vectors no longer fits from this row on."""

    def _reserve(self, size: int) -> None:
        if size <= len(self._keys):
            return
        capacity = max(size, 2 * len(self._keys), _FIRST_CAPACITY)
        vectors = np.zeros((capacity, self._vectors.shape[1]), dtype=np.float32)
        vectors[: self._size] = self._vectors[: self._size]
        keys = np.zeros(capacity, dtype=np.int64)
        keys[: self._size] = self._keys[: self._size]
        self._vectors, self._keys = vectors, keys


def _nearly_best(cosines: Vectors, k: int, least: float) -> tuple[Integers, Integers]:
    """Rows and columns of values in (rows, columns), at least `least`, among which are the `k` highest of each row.

    Each row is looked through once, for the highest of every stretch: the `k`-th of these is no higher than the `k`-th of
    all, so only the few stretches that come up to it can hold one of the best.
    """
    rows, columns = cosines.shape
    # Of few columns short ones, or nearly all of them would come up to it.
    length = min(_LONGEST_STRETCH, max(columns // (_STRETCHES * k), 1))
    starts = np.arange(0, columns, length)
    stretches = len(starts)
    highest = np.maximum.reduceat(cosines, starts, axis=1)
    bound = np.full(rows, least, dtype=np.float32)
    if stretches > k:
        # A little less than that: rounded they may be equal to the next.
        bound = np.maximum(np.partition(highest, stretches - k, axis=1)[:, stretches - k] - _TINY, bound)
    row, stretch = np.nonzero(highest >= bound[:, None])
    column = starts[stretch][:, None] + np.arange(length)
    there = column < columns
    column = np.minimum(column, columns - 1)
    near = there & (cosines[row[:, None], column] >= bound[row, None])
    return np.broadcast_to(row[:, None], column.shape)[near], column[near]


def cosines_to(vector: npt.NDArray[np.float32], others: Vectors) -> Vectors:
    """Cosines (others,) of a unit vector to others: the very same on every machine and store.

    A search adds up in single precision, in an order that depends on what else is asked, and may be off in the last
    of its decimals; here the sum is exact to many more.
    """
    close: Vectors = np.round(np.einsum("ij,j->i", others, vector, dtype=np.float64), _DECIMALS)
    return close.astype(np.float32)


def ranked(keys: Integers, cosines: Vectors, k: int, least: float) -> list[Neighbour]:
    """The best `k` of candidates with at least the cosine `least`: nearest first, then lowest key."""
    kept = np.flatnonzero(cosines >= least)
    order = kept[np.lexsort((keys[kept], -cosines[kept]))][:k]
    return [
        Neighbour(key, cosine)
        for key, cosine in zip(keys[order].tolist(), cosines[order].astype(float).tolist(), strict=True)
    ]
