"""Fitting the linear score, and predicting each labelled idea without having seen it."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse
from sklearn.svm import LinearSVC

Array = npt.NDArray[np.float64]

MOST_EXACT = 3_000
_PENALTY = 1.0
_DEFINITION_WEIGHT = 3.0
_DEFINITION_LIKENESS = 0.3
_HELD_OUT_PARTS = 4
_COMMON = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """What there is to learn from, as features.

    `definitions`: CSR (frameworks, features), unit rows. `texts`: CSR (labelled ideas, features).
    The vectors are those of the encoder, (…, 0) without one. `known`: share of each idea in known features.
    `truth`: (labelled ideas,) the column of the framework, -1 for "fits none".
    """

    definitions: sparse.csr_matrix
    definition_vectors: Array
    texts: sparse.csr_matrix
    text_vectors: Array
    known: Array
    truth: npt.NDArray[np.int64]

    @property
    def per_framework(self) -> float:
        """Mean number of labelled ideas per framework."""
        return float((self.truth >= 0).sum() / self.definitions.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Scores are `texts @ weights + vectors @ encoder_weights + bias`.

    `held_out`: (labelled ideas, frameworks) scores of each idea by a model that hasn't seen it.
    """

    weights: Array
    encoder_weights: Array
    bias: Array
    held_out: Array


def fit_cold(examples: Examples) -> Fitted:
    """Without labels the score is the likeness to the definition."""
    count = examples.definitions.shape[0]
    return Fitted(
        weights=np.asarray(examples.definitions.toarray().T, dtype=np.float64),
        encoder_weights=examples.definition_vectors.T.copy(),
        bias=np.zeros(count),
        held_out=np.zeros((0, count)),
    )


def fit_labelled(examples: Examples, *, seed: int) -> Fitted:
    fitted = _exact(examples) if examples.texts.shape[0] <= MOST_EXACT else _by_parts(examples, seed)
    likeness = np.asarray((examples.texts @ examples.definitions.T).toarray())
    likeness = likeness + examples.text_vectors @ examples.definition_vectors.T
    return replace(
        fitted,
        weights=fitted.weights + _DEFINITION_LIKENESS * examples.definitions.toarray().T,
        encoder_weights=fitted.encoder_weights + _DEFINITION_LIKENESS * examples.definition_vectors.T,
        held_out=fitted.held_out + _DEFINITION_LIKENESS * likeness,
    )


def _exact(examples: Examples) -> Fitted:
    """Kernel ridge regression with its closed-form leave-one-out predictions."""
    count = examples.definitions.shape[0]
    matrix = sparse.vstack([examples.definitions, examples.texts]).tocsr()
    vectors = np.concatenate([examples.definition_vectors, examples.text_vectors])
    target = np.concatenate([np.eye(count), _one_hot(examples.truth, count)])
    importance = np.sqrt(np.concatenate([np.full(count, _DEFINITION_WEIGHT), np.ones(len(examples.truth))]))
    kernel = _kernel(matrix) + vectors @ vectors.T
    kernel *= np.outer(importance, importance)
    kernel[np.diag_indices_from(kernel)] += _PENALTY
    inverse = linalg.inv(kernel, overwrite_a=True, check_finite=False)
    dual = inverse @ (target * importance[:, None])
    residual = dual / np.diag(inverse)[:, None] / importance[:, None]
    dual *= importance[:, None]
    return Fitted(
        weights=np.asarray(matrix.T @ dual, dtype=np.float64),
        encoder_weights=vectors.T @ dual,
        bias=np.zeros(count),
        held_out=(target - residual)[count:],
    )


def _kernel(matrix: sparse.csr_matrix) -> Array:
    """All inner products of rows: frequent features densely, rare ones sparsely, which is quickest."""
    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    common = frequency > max(_COMMON * matrix.shape[0], 2)
    dense = matrix[:, np.flatnonzero(common)].toarray().astype(np.float32)
    rare = matrix[:, np.flatnonzero(~common)]
    kernel: Array = (dense @ dense.T).astype(np.float64)
    kernel += (rare @ rare.T).toarray()
    return kernel


def _by_parts(examples: Examples, seed: int) -> Fitted:
    """With many examples: a linear support vector classifier per framework, and four-fold held-out scores."""
    count = examples.definitions.shape[0]
    size = len(examples.truth)
    part = np.random.default_rng(seed).permutation(size) % _HELD_OUT_PARTS
    held_out = np.zeros((size, count))
    for number in range(_HELD_OUT_PARTS):
        weights, encoder_weights, bias = _classifier(examples, np.flatnonzero(part != number), seed)
        left = np.flatnonzero(part == number)
        held_out[left] = examples.texts[left] @ weights + examples.text_vectors[left] @ encoder_weights + bias
    weights, encoder_weights, bias = _classifier(examples, np.arange(size), seed)
    return Fitted(weights, encoder_weights, bias, held_out)


def _classifier(examples: Examples, chosen: npt.NDArray[np.intp], seed: int) -> tuple[Array, Array, Array]:
    count = examples.definitions.shape[0]
    matrix = sparse.vstack([examples.definitions, examples.texts[chosen]]).tocsr()
    vectors = np.concatenate([examples.definition_vectors, examples.text_vectors[chosen]])
    if vectors.shape[1]:
        matrix = sparse.hstack([matrix, sparse.csr_matrix(vectors)]).tocsr()
    truth = np.concatenate([np.arange(count), examples.truth[chosen]])
    importance = np.concatenate([np.full(count, _DEFINITION_WEIGHT), np.ones(len(chosen))])
    coefficients = np.zeros((matrix.shape[1], count))
    bias = np.zeros(count)
    for column in range(count):
        machine = LinearSVC(random_state=seed, C=1.0, tol=1e-2)
        machine.fit(matrix, (truth == column).astype(np.int64), sample_weight=importance)
        # Support vector targets are -1 and 1; ridge targets, which all that follows expects, 0 and 1.
        coefficients[:, column] = machine.coef_[0] / 2
        bias[column] = (machine.intercept_[0] + 1) / 2
    features = examples.texts.shape[1]
    return coefficients[:features], coefficients[features:], bias


def _one_hot(truth: npt.NDArray[np.int64], count: int) -> Array:
    target = np.zeros((len(truth), count))
    fits = truth >= 0
    target[np.flatnonzero(fits), truth[fits]] = 1
    return target
