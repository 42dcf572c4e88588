"""Kader, and single scores beside which it must prove itself; peers that need more stand in `peers`."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from benchmarks.duplicates.measures import Ranking
from pipeline.core import IdeaText
from pipeline.text.duplicates.twins import find_twins
from pipeline.text.encoders.encoder import Encoder

TOP = 10
_BLOCK = 512
System = Callable[[Sequence[IdeaText]], Ranking]


def kader(encoder: Encoder | None = None) -> System:
    def rank(ideas: Sequence[IdeaText]) -> Ranking:
        place = np.full((len(ideas), TOP), -1, dtype=np.int64)
        score = np.zeros((len(ideas), TOP))
        same = np.zeros((len(ideas), TOP), dtype=np.bool_)
        filled = np.zeros(len(ideas), dtype=np.int64)
        for twin in find_twins(ideas, TOP, encoder=encoder):
            row = int(twin.idea)
            column = filled[row]
            place[row, column], score[row, column] = int(twin.duplicate_of), twin.probability
            same[row, column] = twin.same
            filled[row] += 1
        return Ranking(place, score, same)

    return rank


def char_tfidf(ideas: Sequence[IdeaText]) -> Ranking:
    """Cosine of character n-grams of 3 to 5 within words, as scikit-learn weighs them."""
    matrix = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, dtype=np.float32)
    found = matrix.fit_transform([idea.whole for idea in ideas])
    return best(found, found)


def word_tfidf(ideas: Sequence[IdeaText]) -> Ranking:
    found = TfidfVectorizer(sublinear_tf=True, dtype=np.float32).fit_transform([idea.whole for idea in ideas])
    return best(found, found)


def bm25(ideas: Sequence[IdeaText], k: float = 1.2, b: float = 0.75) -> Ranking:
    """Robertson and Zaragoza (2009), words as they are."""
    counts = CountVectorizer().fit_transform([idea.whole for idea in ideas])
    counts = counts.tocsr().astype(np.float32)
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log(1 + (counts.shape[0] - frequency + 0.5) / (frequency + 0.5))
    length = np.asarray(counts.sum(axis=1)).ravel()
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    weights = counts.copy()
    weights.data = (
        rarity[counts.indices]
        * counts.data
        * (k + 1)
        / (counts.data + k * (1 - b + b * length[row] / length.mean()))
    ).astype(np.float32)
    query = counts.copy()
    query.data = np.ones_like(query.data)
    return best(query, weights)


def vectors(encoder: Encoder) -> System:
    """Brute force over sentence vectors."""

    def rank(ideas: Sequence[IdeaText]) -> Ranking:
        found = encoder.encode([idea.whole for idea in ideas])
        return best(found, found)

    return rank


def best(
    query: sparse.csr_matrix | npt.NDArray[np.float32], documents: sparse.csr_matrix | npt.NDArray[np.float32]
) -> Ranking:
    """The documents of the highest inner product, each idea itself left out; of equals the first."""
    count = query.shape[0]
    place = np.full((count, TOP), -1, dtype=np.int64)
    score = np.zeros((count, TOP))
    for begin in range(0, count, _BLOCK):
        product = query[begin : begin + _BLOCK] @ documents.T
        dense = product.toarray() if sparse.issparse(product) else product
        size = len(dense)
        dense[np.arange(size), np.arange(begin, begin + size)] = -np.inf
        kept = min(TOP, count - 1)
        near = np.argpartition(-dense, kept - 1, axis=1)[:, :kept]
        value = np.take_along_axis(dense, near, axis=1)
        order = np.lexsort((near, -value), axis=1)
        place[begin : begin + size, :kept] = np.take_along_axis(near, order, axis=1)
        score[begin : begin + size, :kept] = np.take_along_axis(value, order, axis=1)
    return Ranking(place, score)
