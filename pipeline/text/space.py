"""The vector space in which neighbours are looked for: one unit vector per idea.

With enough documents it is latent semantic analysis (Deerwester and others, 1990) over words and character
n-grams; before that a sparse random projection (Li, Hastie and Church, 2006), which needs no document at all
and so works from the first idea on. Vectors of different spaces are never compared: `identity` tells them apart.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.utils.extmath import randomized_svd

from pipeline.text.features import FEATURES, Integers
from pipeline.text.vectoriser import Counted, Floats, Vectoriser, Weighted, hashed, rows

DIMENSIONS = 256
ENOUGH_DOCUMENTS = 500
_FEATURES = 16_384
_SPREAD = 4
_DECIMALS = 5


class VectorSpace:
    """Projects texts to unit vectors of DIMENSIONS float32.

    `features` are the hashed feature numbers that count, int64 (n,), and `projection` their rows, float16
    (n, DIMENSIONS); both empty in a space by random projection. `vectoriser` weighs the features.
    """

    def __init__(
        self, vectoriser: Vectoriser, features: Integers, projection: npt.NDArray[np.float16], seed: int
    ) -> None:
        self.vectoriser = vectoriser
        self.features = features
        self.projection = projection
        self.seed = seed
        self._rows = projection.astype(np.float32)
        self._column = np.full(FEATURES, -1, dtype=np.int32)
        self._column[features] = np.arange(len(features), dtype=np.int32)
        content = hashlib.sha256()
        for part in (vectoriser.features, vectoriser.idf, features, projection):
            content.update(np.ascontiguousarray(part).tobytes())
        content.update(f"{vectoriser.unknown_idf:.6f} {seed}".encode())
        kind = "lsa" if len(features) else "projection"
        self.identity = f"{kind}-{DIMENSIONS}-{content.hexdigest()[:16]}"

    @classmethod
    def fit(cls, documents: Sequence[str], vectoriser: Vectoriser, *, seed: int) -> "VectorSpace":
        """Learn the space from `documents` when they are many enough, else project at random."""
        nothing = np.zeros(0, dtype=np.int64)
        if len(documents) < ENOUGH_DOCUMENTS:
            return cls(vectoriser, nothing, np.zeros((0, DIMENSIONS), dtype=np.float16), seed)
        matrix = vectoriser.read(documents).matrix
        frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
        order = np.lexsort((np.arange(len(frequency)), -frequency))
        columns = np.sort(order[: min(_FEATURES, int((frequency > 1).sum()))])
        _, singular, components = randomized_svd(
            matrix[:, columns], n_components=DIMENSIONS, n_iter=3, random_state=seed
        )
        # Between plain LSA (power 0) and whitening (power 1): whitening alone lets noise speak too loudly.
        scaled = components / np.maximum(singular[:, None], 1e-6) ** 0.5
        scaled /= np.abs(scaled).max()
        return cls(vectoriser, vectoriser.features[columns], scaled.T.astype(np.float16), seed)

    def place(self, counted: Counted) -> Floats:
        """Unit vectors, float32 (texts, DIMENSIONS), of counted texts.

        A text without any feature gets the first axis: unit length as promised, and close to nothing else.
        """
        weighted = self.vectoriser.weigh(counted)
        texts = counted.occurrences.texts
        if len(self.features):
            columns = self._column[counted.feature]
            kept = np.flatnonzero(columns >= 0)
            matrix = rows(counted.text[kept], columns[kept], weighted.values[kept], texts, len(self.features))
            vectors = matrix @ self._rows
        else:
            vectors = self._project(weighted, texts)
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
        empty = lengths < 1e-9
        vectors[empty, 0] = 1
        lengths[empty] = 1
        unit: Floats = np.round(vectors / lengths[:, None], _DECIMALS).astype(np.float32)
        return unit

    def _project(self, weighted: Weighted, texts: int) -> Floats:
        bits = hashed(weighted.counted.feature + self.seed)
        placed = np.zeros(texts * DIMENSIONS, dtype=np.float64)
        for turn in range(_SPREAD):
            shifted = bits >> np.uint64(16 * turn)
            axis = (shifted & np.uint64(DIMENSIONS - 1)).astype(np.int64)
            sign = 1 - 2 * ((shifted >> np.uint64(12)) & np.uint64(1)).astype(np.float64)
            placed += np.bincount(
                weighted.counted.text * DIMENSIONS + axis,
                weights=weighted.values * sign,
                minlength=len(placed),
            )
        return placed.reshape(texts, DIMENSIONS).astype(np.float32)
