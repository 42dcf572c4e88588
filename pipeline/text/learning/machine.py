"""A linear support vector classifier per framework, each against the rest (Fan and others, "LIBLINEAR", 2008).

Beside ridge regression it looks at nothing but the ideas near the border, which tells many frameworks far better
apart: regression on 150 of them spends itself on 149 noughts.
"""

import warnings

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.text.learning.grams import Array
from pipeline.text.learning.telling import emphasis_of_telling

_NOTHING_WEIGHT = 30.0
_TOLERANCE = 0.1  # a tenth of this takes a quarter longer and decides no better


def machine(
    rows: sparse.csr_matrix,
    truth: npt.NDArray[np.int64],
    importance: Array,
    *,
    words: int,
    freedom: float,
    seed: int,
) -> tuple[Array, Array]:
    """Coefficients (features, count) and bias (count,) that score texts like `rows`: nought for no, one for yes.

    A text of which nothing is known is an example of one that fits none: without it the bias would hold how often a
    framework occurs, and what resembles nothing would score as much.

    `words`: how many columns, the first ones, are weighed by what they tell of frameworks, nought for none.
    `truth`: (texts,) the framework in [0, count), at least one text of each, or -1 for none; `importance`: (texts,).
    `freedom`: how much a mistake costs beside large coefficients (the C of the literature).
    """
    if not words:
        return _separate(rows, truth, importance, freedom=freedom, seed=seed)
    scale = np.ones(rows.shape[1])
    scale[:words] = emphasis_of_telling(rows[:, :words], truth, int(truth.max()) + 1)
    coefficients, bias = _separate(_scaled(rows, scale), truth, importance, freedom=freedom, seed=seed)
    coefficients *= scale[:, None]
    return coefficients, bias


def _scaled(rows: sparse.csr_matrix, scale: Array) -> sparse.csr_matrix:
    scaled = rows.copy()
    scaled.data *= scale[scaled.indices].astype(scaled.dtype)
    return scaled


def _separate(
    rows: sparse.csr_matrix,
    truth: npt.NDArray[np.int64],
    importance: Array,
    *,
    freedom: float,
    seed: int,
) -> tuple[Array, Array]:
    rows = sparse.vstack([rows, sparse.csr_matrix((1, rows.shape[1]), dtype=rows.dtype)]).tocsr()
    truth, importance = np.append(truth, -1), np.append(importance, _NOTHING_WEIGHT)
    classes = np.unique(truth)
    # Late: only who learns needs it, and it takes longest to load.
    from sklearn.svm import LinearSVC

    learner = LinearSVC(random_state=seed, C=freedom, tol=_TOLERANCE)
    # All at once, so that the matrix is checked and copied once and not for each framework.
    with warnings.catch_warnings():
        # With few examples for each framework it suspects a regression.
        warnings.filterwarnings("ignore", message="The number of unique classes", category=UserWarning)
        learner.fit(rows, truth, sample_weight=importance)
    coefficients, bias = learner.coef_, np.atleast_1d(learner.intercept_)
    if len(classes) == 2:  # of two, scikit-learn keeps only the second
        coefficients = np.concatenate([-coefficients, coefficients])
        bias = np.concatenate([-bias, bias])
    fits = classes >= 0
    # Support vector targets are -1 and 1; ridge targets, which all that follows expects, 0 and 1.
    return np.ascontiguousarray(coefficients[fits].T) / 2, (bias[fits] + 1) / 2
