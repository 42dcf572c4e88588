"""Likeness of all examples to each other, in one kernel: words, word families, and sentence vectors.

Three parts, each an inner product, so that whatever is learned from their sum is again linear in the features:
- words and character n-grams as they are;
- latent semantic analysis (Deerwester and others, 1990), fitted on all texts at hand: words that keep company
  with each other count for each other. It is kept linear (no normalising of the reduced vectors), so that it
  folds into the weights of the words and costs nothing when reading;
- sentence vectors, when there is an encoder.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

_COMMON = 0.03
_LATENT_WEIGHT = 0.15
_LATENT_DIMENSIONS = 50
_LEAST_TEXTS = 60
_TEXTS_A_DIMENSION = 4  # as many directions as texts would be the texts themselves
_LEAST_STRENGTH = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """Some texts as features: `matrix` CSR (texts, features), `vectors` (texts, dimensions), (…, 0) without encoder."""

    matrix: sparse.csr_matrix
    vectors: Array

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    def take(self, places: Places) -> "Texts":
        return Texts(self.matrix[places], self.vectors[places])

    def scaled(self, scale: Array) -> "Texts":
        """These texts with every feature multiplied by its `scale` (features,)."""
        matrix = self.matrix.copy()
        matrix.data *= scale[matrix.indices].astype(np.float32)
        return Texts(matrix, self.vectors)

    def beside(self, other: "Texts") -> "Texts":
        """These texts, and after them the others."""
        matrix = sparse.vstack([self.matrix, other.matrix]).tocsr()
        return Texts(matrix, np.concatenate([self.vectors, other.vectors]))


@dataclass(frozen=True, slots=True, eq=False)
class Latent:
    """Word families: `directions` (features, dimensions) of the lexical features; `scale` makes them weigh as much."""

    directions: Array
    scale: float

    @classmethod
    def fit(cls, texts: Texts, *, seed: int) -> "Latent | None":
        """None for texts so few that what keeps company in them is chance."""
        if len(texts) < _LEAST_TEXTS:
            return None
        size = min(_LATENT_DIMENSIONS, len(texts) // _TEXTS_A_DIMENSION, texts.matrix.shape[1] - 1)
        # Late: only who learns needs it, and it takes longest to load.
        from sklearn.utils.extmath import randomized_svd

        _, strength, directions = randomized_svd(texts.matrix, n_components=size, n_iter=3, random_state=seed)
        directions = directions[strength > _LEAST_STRENGTH * strength[0]]
        placed = np.asarray(texts.matrix @ directions.T)
        mean = float((placed**2).sum(axis=1).mean())
        return cls(directions.T.astype(np.float64), 1 / mean) if mean > 0 else None

    def place(self, texts: Texts) -> Array:
        placed: Array = np.asarray(texts.matrix @ self.directions) * np.sqrt(self.scale)
        return placed


@dataclass(frozen=True, slots=True, eq=False)
class Kernel:
    """Inner products between texts; `encoder_weight` says how much sentence vectors count beside words."""

    latent: Latent | None
    encoder_weight: float

    def gram(self, ones: Texts, others: Texts) -> Array:
        """All inner products: (ones, others). A text with itself has about 1."""
        gram = inner_products(ones.matrix, others.matrix)
        if self.latent is not None:
            gram += _LATENT_WEIGHT * (self.latent.place(ones) @ self.latent.place(others).T)
            gram /= 1 + _LATENT_WEIGHT
        if self.encoder_weight:
            gram += self.encoder_weight * (ones.vectors @ others.vectors.T)
            gram /= 1 + self.encoder_weight
        return gram

    def explicit(self, texts: Texts) -> sparse.csr_matrix:
        """Texts as features whose inner products are those of `gram`: (texts, features + families + dimensions)."""
        lexical, families, meaning = self._shares()
        blocks = [texts.matrix * np.float32(np.sqrt(lexical))]
        if self.latent is not None:
            blocks.append(sparse.csr_matrix(self.latent.place(texts) * np.sqrt(families)))
        if self.encoder_weight:
            blocks.append(sparse.csr_matrix(texts.vectors * np.sqrt(meaning)))
        return blocks[0] if len(blocks) == 1 else sparse.hstack(blocks).tocsr()

    def fold(self, coefficients: Array, features: int, dimensions: int) -> tuple[Array, Array]:
        """What scores `explicit(new) @ coefficients` are in features: (features, n) and (dimensions, n)."""
        lexical, families, meaning = self._shares()
        words = coefficients[:features] * np.sqrt(lexical)
        behind = features
        if self.latent is not None:
            behind += self.latent.directions.shape[1]
            words += self.latent.directions @ (
                coefficients[features:behind] * np.sqrt(self.latent.scale * families)
            )
        if not self.encoder_weight:
            return words, np.zeros((dimensions, coefficients.shape[1]))
        return words, coefficients[behind:] * np.sqrt(meaning)

    def _shares(self) -> tuple[float, float, float]:
        """Of words, word families and sentence vectors in an inner product."""
        within = 1 / (1 + self.encoder_weight)
        families = _LATENT_WEIGHT / (1 + _LATENT_WEIGHT) if self.latent is not None else 0.0
        return (1 - families) * within, families * within, self.encoder_weight * within

    def weights(self, texts: Texts, dual: Array) -> tuple[Array, Array]:
        """What scores `gram(new, texts) @ dual` are in features: (features, n) and (dimensions, n)."""
        lexical = np.asarray(texts.matrix.T @ dual, dtype=np.float64)
        if self.latent is not None:
            folded = self.latent.directions @ (self.latent.directions.T @ lexical)
            lexical = (lexical + _LATENT_WEIGHT * self.latent.scale * folded) / (1 + _LATENT_WEIGHT)
        share = self.encoder_weight / (1 + self.encoder_weight)
        return lexical * (1 - share), share * (texts.vectors.T @ dual)


def inner_products(ones: sparse.csr_matrix, others: sparse.csr_matrix) -> Array:
    """Inner products of rows: frequent features densely, rare ones sparsely, which is quickest."""
    frequency = np.bincount(others.indices, minlength=others.shape[1])
    common = frequency > max(_COMMON * others.shape[0], 2)
    frequent, rare = np.flatnonzero(common), np.flatnonzero(~common)
    dense = (
        ones[:, frequent].toarray().astype(np.float32) @ others[:, frequent].toarray().astype(np.float32).T
    )
    gram: Array = dense.astype(np.float64)
    gram += (ones[:, rare] @ others[:, rare].T).toarray()
    return gram
