"""How well vectors tell classes, likeness and translations."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.stats import spearmanr
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import RidgeClassifier

from benchmarks.encoder.sets import Labelled, Rated, Sought

Vectors = npt.NDArray[np.float32] | sparse.csr_matrix
Reader = Callable[[Sequence[str]], Vectors]

MOST = 1_500
_AT_ONCE = 500


def few_shot(vectors: Vectors, ideas: Labelled, each: int, draws: int) -> float:
    """Share of right answers in %, after `each` labelled ideas of every class (at most half of them)."""
    size = Counter(label for _, label in ideas)
    right = []
    for draw in range(draws):
        order = list(range(len(ideas)))
        random.Random(draw).shuffle(order)
        taken: dict[str, int] = defaultdict(int)
        train, test = [], []
        for place in order:
            label = ideas[place][1]
            if taken[label] < min(each, size[label] // 2):
                taken[label] += 1
                train.append(place)
            else:
                test.append(place)
        test = test[:MOST]
        classifier = RidgeClassifier().fit(vectors[train], [ideas[place][1] for place in train])
        right.append(np.mean(classifier.predict(vectors[test]) == [ideas[place][1] for place in test]))
    return 100 * float(np.mean(right))


def likeness(read: Reader, pairs: Rated) -> float:
    """Spearman's correlation of cosines with people's ratings, times 100."""
    vectors = read([*pairs.ones, *pairs.others])
    ones, others = vectors[: len(pairs.ones)], vectors[len(pairs.ones) :]
    products = ones.multiply(others) if sparse.issparse(ones) else ones * others
    cosines = np.asarray(products.sum(axis=1)).ravel().round(6)
    return 100 * float(spearmanr(cosines, pairs.rating)[0])


def found(read: Reader, sought: Sought) -> float:
    """Share in % of which fewer than `within` others lie nearer than the right one."""
    vectors = read([*sought.asked, *sought.among])
    asked, among = vectors[: len(sought.asked)], vectors[len(sought.asked) :]
    hits = 0
    for begin in range(0, len(sought.asked), _AT_ONCE):
        block = asked[begin : begin + _AT_ONCE] @ among.T
        cosines = np.asarray(block.todense()) if sparse.issparse(block) else block
        own = cosines[np.arange(len(cosines)), begin + np.arange(len(cosines))]
        hits += int(((cosines > own[:, None]).sum(axis=1) < sought.within).sum())
    return 100 * hits / len(sought.asked)


def words(texts: Sequence[str]) -> sparse.csr_matrix:
    """TF-IDF of words, word pairs and character n-grams, rows of unit length; rarity from these texts."""
    blocks = [
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, strip_accents="unicode"),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, strip_accents="unicode"),
    ]
    return sparse.hstack([np.sqrt(0.5) * block.fit_transform(texts) for block in blocks]).tocsr()


def together(encoder: Reader, weight: float) -> Reader:
    """Words beside sentence vectors that count `weight` times as much."""

    def read(texts: Sequence[str]) -> sparse.csr_matrix:
        one, other = np.sqrt(1 / (1 + weight)), np.sqrt(weight / (1 + weight))
        return sparse.hstack([one * words(texts), other * sparse.csr_matrix(encoder(texts))]).tocsr()

    return read
