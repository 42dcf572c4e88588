"""The vector space in which neighbours are looked for: one unit vector per idea.

With enough documents it is latent semantic analysis (Deerwester and others, 1990) over words and character
n-grams; before that a sparse random projection (Li, Hastie and Church, 2006), which needs no document at all
and so works from the first idea on. With an encoder, its sentence vector stands beside it, and the cosine of two ideas
is a mean of both parts. Vectors of different spaces are never compared: `identity` tells them apart.
"""

import hashlib
from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from pipeline.text.encoders.encoder import Encoder, beside_words
from pipeline.text.lexical.features import FEATURES, Integers
from pipeline.text.lexical.vectoriser import Counted, Floats, Vectoriser, Weighted, hashed, rows
from pipeline.text.vectors.signs import Signs

DIMENSIONS = 256
ENOUGH_DOCUMENTS = 500
# A space made of 500 texts finds a tenth fewer of the ten nearest than one made of some thousands, see docs/duplicates.md.
# Changing it means placing all ideas anew: from so many times the texts, so that this is seldom.
_OUTGROWN = 4
_FEATURES = 16_384
_SPREAD = 4
_DECIMALS = 5
_TINY = 1e-9


class VectorSpace:
    """Projects texts to unit vectors of `dimensions` float32: DIMENSIONS by words, and those of the encoder.

    `features` are the hashed feature numbers that count, int64 (n,), and `projection` their rows, float16
    (n, DIMENSIONS); both empty in a space by random projection. `vectoriser` weighs the features. The space knows
    its encoder by name and number of dimensions alone, so that it can be read where the encoder isn't. `documents`: how
    many it was learned from, nought for none and where that isn't known.
    """

    def __init__(
        self,
        vectoriser: Vectoriser,
        features: Integers,
        projection: npt.NDArray[np.float16],
        seed: int,
        *,
        encoder_name: str = "none",
        encoder_dimensions: int = 0,
        documents: int = 0,
    ) -> None:
        self.vectoriser = vectoriser
        self.features = features
        self.projection = projection
        self.seed = seed
        self.encoder_name = encoder_name
        self.encoder_dimensions = encoder_dimensions
        self.documents = documents
        self.dimensions = DIMENSIONS + encoder_dimensions
        # Of a vector's squared length, what lies in the encoder's part.
        self._share = 1 - 1 / (1 + beside_words(encoder_name))
        self._signs = Signs(encoder_dimensions) if encoder_dimensions else None
        self._rows = projection.astype(np.float32)
        self._column = np.full(FEATURES, -1, dtype=np.int32)
        self._column[features] = np.arange(len(features), dtype=np.int32)
        content = hashlib.sha256()
        for part in (vectoriser.features, vectoriser.idf, features, projection):
            content.update(np.ascontiguousarray(part).tobytes())
        content.update(f"{vectoriser.unknown_idf:.6f} {seed}".encode())
        kind = "lsa" if len(features) else "projection"
        if encoder_dimensions:
            content.update(f"{encoder_name} {encoder_dimensions} {self._share:.6f}".encode())
            kind += "-encoder"
        self.identity = f"{kind}-{self.dimensions}-{content.hexdigest()[:16]}"

    @classmethod
    def fit(
        cls, documents: Sequence[str], vectoriser: Vectoriser, *, seed: int, encoder: Encoder | None = None
    ) -> "VectorSpace":
        """Learn the space from `documents` when they are many enough, else project at random."""
        nothing = np.zeros(0, dtype=np.int64)
        named = partial(
            cls,
            vectoriser,
            seed=seed,
            encoder_name=encoder.name if encoder else "none",
            encoder_dimensions=encoder.dimensions if encoder else 0,
        )
        if len(documents) < ENOUGH_DOCUMENTS:
            return named(features=nothing, projection=np.zeros((0, DIMENSIONS), dtype=np.float16))
        matrix = vectoriser.read(documents).matrix
        frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
        order = np.lexsort((np.arange(len(frequency)), -frequency))
        columns = np.sort(order[: min(_FEATURES, int((frequency > 1).sum()))])
        # Late: only who learns needs it, and it takes longest to load.
        from sklearn.utils.extmath import randomized_svd

        _, singular, components = randomized_svd(
            matrix[:, columns], n_components=DIMENSIONS, n_iter=3, random_state=seed
        )
        # Between plain LSA (power 0) and whitening (power 1): whitening alone lets noise speak too loudly.
        scaled = components / np.maximum(singular[:, None], 1e-6) ** 0.5
        scaled /= np.abs(scaled).max()
        return named(
            features=vectoriser.features[columns],
            projection=scaled.T.astype(np.float16),
            documents=len(documents),
        )

    def is_outgrown(self, documents: int) -> bool:
        """Whether a space learned from so many documents would be much better than this one."""
        return documents >= max(ENOUGH_DOCUMENTS, _OUTGROWN * self.documents)

    def place(self, counted: Counted, encoded: Floats | None = None) -> Floats:
        """Unit vectors, float32 (texts, dimensions), of counted texts.

        `encoded`: float32 (texts, encoder_dimensions), what the encoder makes of the same texts; needed when the space
        has one. A text without any feature gets the first axis: unit length as promised, and close to nothing else.
        """
        by_words = self._by_words(counted)
        if not self.encoder_dimensions:
            return by_words
        if encoded is None or encoded.shape != (len(by_words), self.encoder_dimensions):
            raise ValueError(f"this vector space needs vectors of the encoder {self.encoder_name}")
        length = np.sqrt(np.einsum("ij,ij->i", encoded, encoded, dtype=np.float64))
        # A text in which the encoder knows nothing is told by its words alone.
        share = np.where(length > _TINY, self._share, 0.0)
        joined = np.concatenate(
            [
                by_words * np.sqrt(1 - share)[:, None],
                encoded * (np.sqrt(share) / np.maximum(length, _TINY))[:, None],
            ],
            axis=1,
        )
        unit: Floats = np.round(joined, _DECIMALS).astype(np.float32)
        return unit

    def meant(self, vectors: Floats) -> Floats:
        """For vectors of this space, float32 (n, dimensions), others whose inner product with a vector of this space is
        the cosine of the encoder's parts; nought where the encoder knew nothing.
        """
        meant = np.zeros_like(vectors)
        if self.encoder_dimensions:
            meant[:, DIMENSIONS:] = vectors[:, DIMENSIONS:] / np.float32(self._share)
        return meant

    def signs(self, vectors: Floats) -> list[bytes]:
        """The signs of the encoder's parts of vectors (n, dimensions); empty where the encoder knew nothing."""
        if self._signs is None:
            return [b""] * len(vectors)
        parts = np.ascontiguousarray(vectors[:, DIMENSIONS:])
        known = (parts != 0).any(axis=1)
        return [
            code.tobytes() if is_known else b""
            for code, is_known in zip(self._signs.of(parts), known, strict=True)
        ]

    def _by_words(self, counted: Counted) -> Floats:
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
        empty = lengths < _TINY
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
