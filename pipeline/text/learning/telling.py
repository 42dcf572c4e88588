"""How telling words are of one framework or another, by the labelled ideas: beside their rarity, which knows no
frameworks, and in a model of its own that leans on every word by itself.

Only where sentence vectors don't count: beside an encoder it wasn't measured, and there words matter less.
"""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.text.learning.grams import Array

_SOFTENED = 1.0  # occurrences; a word met once can't tell much
_POWER = 0.5
_WORD_BY_WORD = 0.5  # of the spread of the scores
_FEW = 10.0  # labelled ideas per framework: up to so many, words tell nothing by themselves
_HALF_TRUSTED = 5.0  # beyond those
_ENOUGH = 500  # texts to measure a spread by


def emphasis_of_telling(rows: sparse.csr_matrix, truth: npt.NDArray[np.int64], count: int) -> Array:
    """How much more each feature should count for what it tells: (features,), above nought.

    It grows with the logarithm of chi-square between having the feature and belonging to the framework of which it
    tells most (compare supervised term weighting: Debole and Sebastiani, 2003). `rows` (texts, features) keep the
    length that they have on average. `truth`: (texts,) the framework in [0, count), -1 for none.
    """
    fits = truth >= 0
    met = rows[fits].copy()
    met.data = np.ones_like(met.data)
    having = _by_framework(met, truth[fits], np.ones(int(fits.sum())), count)
    size = np.bincount(truth[fits], minlength=count).astype(np.float32)
    expected = np.outer(having.sum(axis=1), size / max(size.sum(), 1))
    chi_square = ((having - expected) ** 2 / (expected + _SOFTENED)).max(axis=1)
    scale: Array = (1 + np.log1p(chi_square.astype(np.float64))) ** (_POWER * trusted(truth, count))
    squares = np.bincount(rows.indices, weights=rows.data.astype(np.float64) ** 2, minlength=rows.shape[1])
    scale *= np.sqrt(squares.sum() / max(float(squares @ scale**2), 1e-9))
    return scale


def beside(scores: Array, rows: sparse.csr_matrix, odds: npt.NDArray[np.float32], trust: float) -> Array:
    """`odds` of words (features, frameworks) in half the spread that `scores` (texts, frameworks) of the texts `rows`
    (texts, features) have: weights to add to those that gave the scores. `trust` in [0, 1): see `trusted`.

    Support vectors and regression share out over the words of a text what they say together; where ideas are few that
    leaves much to chance, and the two together predict better than either (compare Wang and Manning, "Baselines and
    bigrams", 2012).
    """
    some = slice(None, None, max(len(scores) // _ENOUGH, 1))
    factor = _WORD_BY_WORD * _spread(scores[some]) / max(_spread(rows[some] @ odds), 1e-9)
    return odds.astype(np.float64) * factor * trust


def _spread(scores: Array) -> float:
    """How far the scores of a text lie apart."""
    return float((scores - scores.mean(axis=1, keepdims=True)).std())


def word_by_word(
    rows: sparse.csr_matrix, truth: npt.NDArray[np.int64], importance: Array, count: int
) -> npt.NDArray[np.float32]:
    """Log odds of each feature (features, count): its share in a framework's texts, against that in all.

    Multinomial naive Bayes with the shares in all texts as a Dirichlet prior that weighs as much as a framework does on
    average (Zhai and Lafferty, "A study of smoothing methods for language models", 2004). What no text has is nought.
    """
    fits = truth >= 0
    mass = _by_framework(rows[fits], truth[fits], importance[fits], count)
    of_all, of_each = mass.sum(axis=1, keepdims=True), mass.sum(axis=0)
    prior = max(float(of_each.mean()), 1e-9)
    share = of_all / max(float(of_all.sum()), 1e-9)
    met = share[:, 0] > 0
    odds = np.zeros_like(mass)
    odds[met] = np.log((mass[met] / share[met] + prior) / (of_each + prior))
    return odds


def trusted(truth: npt.NDArray[np.int64], count: int) -> float:
    """How much words tell by themselves, in [0, 1): of a few ideas of a framework each word may be chance (with 3 each,
    and in one set with 10, it predicted worse).
    """
    more = max(float((truth >= 0).sum()) / count - 1 - _FEW, 0)  # beside the definition
    return more / (more + _HALF_TRUSTED)


def _by_framework(
    rows: sparse.csr_matrix, truth: npt.NDArray[np.int64], importance: Array, count: int
) -> npt.NDArray[np.float32]:
    """The sum of the rows of each framework: (features, count)."""
    belonging = sparse.csr_matrix(
        (importance.astype(np.float32), (np.arange(len(truth)), truth)), shape=(len(truth), count)
    )
    summed: npt.NDArray[np.float32] = (rows.T @ belonging).toarray().astype(np.float32)
    return summed
