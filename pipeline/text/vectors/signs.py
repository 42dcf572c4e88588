"""Vectors as their signs alone: a bit a direction, of which 64 are compared at once.

The number of signs in which two vectors differ tells the angle between them (Goemans and Williamson, 1995; as
hashing: Charikar, 2002).
"""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
from scipy.linalg import hadamard

from pipeline.text.lexical.features import Integers
from pipeline.text.vectors.neighbours import Vectors

_BITS = 64
_FEWEST_SIGNS = 256
_SEED = 20
_DECIMALS = 5
_FIRST_CAPACITY = 1_024

Codes = npt.NDArray[np.uint64]


class Signs:
    """Turns vectors of `dimensions` into codes of `width` signs."""

    def __init__(self, dimensions: int) -> None:
        # Signs say most when all directions matter as much: every coordinate is spread over all of them.
        self.width = self.width_of(dimensions)
        random = np.random.default_rng(_SEED)
        # Rows by chance: the first ones repeat themselves.
        rows = random.permutation(self.width)[:dimensions]
        turned = random.choice(np.array([-1, 1], dtype=np.float32), size=(dimensions, 1))
        self._spread = hadamard(self.width, dtype=np.float32)[rows] * turned / np.float32(np.sqrt(self.width))

    @staticmethod
    def width_of(dimensions: int) -> int:
        """How many signs are made of so many dimensions."""
        return max(_FEWEST_SIGNS, 1 << (dimensions - 1).bit_length())

    @classmethod
    def words_of(cls, dimensions: int) -> int:
        """How many numbers of 64 bits are in the code of so many dimensions."""
        return cls.width_of(dimensions) // _BITS

    def of(self, vectors: Vectors) -> Codes:
        """Uint64 (vectors, words)."""
        # Rounded, so that the order of addition inside the product can't decide on a sign.
        signs = np.round(vectors @ self._spread, _DECIMALS) > 0
        return np.packbits(signs, axis=1).view(np.uint64)


def differing(codes: Codes, code: Codes) -> npt.NDArray[np.uint16]:
    """In how many signs `code` (words,) differs from each of `codes` (words, n): (n,)."""
    distance: npt.NDArray[np.uint16] = np.bitwise_count(codes[0] ^ code[0]).astype(np.uint16)
    for part in range(1, len(code)):
        distance += np.bitwise_count(codes[part] ^ code[part])
    return distance


class SignIndex:
    """Codes by key, kept in memory: `words` times 8 bytes an idea. Keys ascend in order of arrival."""

    def __init__(self, words: int) -> None:
        self._codes: Codes = np.zeros((words, 0), dtype=np.uint64)
        self._keys = np.zeros(0, dtype=np.int64)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, keys: Integers, codes: Codes) -> None:
        """Add codes (n, words); keys are ascending and above all that were added before."""
        end = self._size + len(keys)
        if end > len(self._keys):
            capacity = max(_FIRST_CAPACITY, end, 2 * len(self._keys))
            grown = np.zeros((len(self._codes), capacity), dtype=np.uint64)
            grown[:, : self._size] = self._codes[:, : self._size]
            self._codes = grown
            self._keys = np.concatenate([self._keys[: self._size], np.zeros(capacity - self._size, np.int64)])
        self._codes[:, self._size : end] = codes.T
        self._keys[self._size : end] = keys
        self._size = end

    def discard(self, keys: Collection[int]) -> None:
        """Take out what these keys have, if they have anything."""
        gone = np.fromiter(keys, dtype=np.int64, count=len(keys))
        kept = np.flatnonzero(~np.isin(self._keys[: self._size], gone))
        if len(kept) < self._size:
            self._codes, self._keys = self._codes[:, kept], self._keys[kept]
            self._size = len(kept)

    def search(
        self, code: Codes, most: int, *, before: int, within: int
    ) -> tuple[Integers, npt.NDArray[np.uint16]]:
        """The keys below `before` of at most `most` codes that differ from `code` in at most `within` signs, and in how
        many: fewest first, then lowest key.
        """
        earlier = int(np.searchsorted(self._keys[: self._size], before))
        distance = differing(self._codes[:, :earlier], code)
        near = np.flatnonzero(distance <= within)
        best = near[np.argsort(distance[near], kind="stable")[:most]]
        return self._keys[best], distance[best]
