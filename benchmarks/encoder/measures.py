"""How well vectors tell classes, likeness and translations."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.linalg import solve_triangular
from scipy.stats import spearmanr
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from benchmarks.encoder.sets import Labelled, Rated, Sought

Vectors = npt.NDArray[np.float32] | sparse.csr_matrix
Reader = Callable[[Sequence[str]], Vectors]

Products = npt.NDArray[np.float64]
Classes = npt.NDArray[np.int64]
# Given the inner products of labelled ideas with each other and of others with those, and the labelled ones' classes:
# the others' classes.
Learner = Callable[[Products, Products, Classes], Classes]

MOST = 1_500
_AT_ONCE = 500
_INVERSE_PENALTY = 10.0  # as of all-MiniLM-L6-v2 in benchmarks/textmodel/peers
_SVM_INVERSE_PENALTY = 0.3  # set so that words and MiniLM come to what others measured on CLINC150
_NEARLY_NOTHING = 1e-6


def few_shot(vectors: Vectors, ideas: Labelled, each: int, draws: int, learner: Learner) -> float:
    """Share of right answers in %, after `each` labelled ideas of every class (at most half of them)."""
    names = sorted({label for _, label in ideas})
    classes = np.array([names.index(label) for _, label in ideas])
    right = []
    for draw in range(draws):
        labelled, others = _divided(ideas, each, draw)
        known = _products(vectors[labelled], vectors[labelled])
        asked = _products(vectors[others], vectors[labelled])
        right.append(np.mean(learner(known, asked, classes[labelled]) == classes[others]))
    return 100 * float(np.mean(right))


def _divided(ideas: Labelled, each: int, draw: int) -> tuple[list[int], list[int]]:
    """Places of the labelled ideas, and of those to be told, at most `MOST`."""
    size = Counter(label for _, label in ideas)
    order = list(range(len(ideas)))
    random.Random(draw).shuffle(order)
    taken: dict[str, int] = defaultdict(int)
    labelled, others = [], []
    for place in order:
        label = ideas[place][1]
        if taken[label] < min(each, size[label] // 2):
            taken[label] += 1
            labelled.append(place)
        else:
            others.append(place)
    return labelled, others[:MOST]


def ridge(known: Products, asked: Products, classes: Classes) -> Classes:
    """Ridge regression with penalty 1, in its dual form."""
    wanted = np.where(classes[:, None] == np.arange(classes.max() + 1), 1.0, -1.0)
    # 1 more, so that a class may be likelier than another.
    dual = np.linalg.solve(1.0 + known + np.eye(len(known)), wanted)
    return np.asarray(((1.0 + asked) @ dual).argmax(axis=1))


def logistic(known: Products, asked: Products, classes: Classes) -> Classes:
    """Logistic regression."""
    return _told(LogisticRegression(C=_INVERSE_PENALTY, max_iter=1_000), known, asked, classes)


def svm(known: Products, asked: Products, classes: Classes) -> Classes:
    """Linear support vector machines, one for each class."""
    return _told(LinearSVC(C=_SVM_INVERSE_PENALTY, random_state=0), known, asked, classes)


def _told(
    machine: LogisticRegression | LinearSVC, known: Products, asked: Products, classes: Classes
) -> Classes:
    """What a linear machine says, which depends on inner products alone: on coordinates that have the same ones."""
    root = np.linalg.cholesky(known + _NEARLY_NOTHING * np.eye(len(known)))
    machine.fit(root, classes)
    return np.asarray(machine.predict(solve_triangular(root, asked.T, lower=True).T))


def _products(ones: Vectors, others: Vectors) -> Products:
    products = ones.astype(np.float64) @ others.astype(np.float64).T
    return np.asarray(products.todense() if sparse.issparse(products) else products)


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
        cosines = _products(asked[begin : begin + _AT_ONCE], among)
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
