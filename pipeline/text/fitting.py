"""Fitting the linear score, and predicting each labelled idea by a model that hasn't seen it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse
from sklearn.svm import LinearSVC

from pipeline.text.calibration import temperature
from pipeline.text.grams import Array, Kernel, Latent, Places, Texts
from pipeline.text.lending import lend
from pipeline.text.parts import parts

MOST_EXACT = 3_000
MOST_LENT = 3_000
LEAST_LENT = 30
LEAST_FRAMEWORKS = 3
PARTS = 5
PARTS_OF_MANY = 4
_PENALTY = 0.3
_DEFINITION_WEIGHT = 3.0
_LIKENESSES = (0.0, 0.5)
_COLD_STRENGTH = 1.5
_STRENGTHS = (0.0, 0.4, 1.5)
_ENCODER_WEIGHTS = (0.5, 1.5, 4.0)
_COLD_ENCODER_WEIGHT = 0.5
_COLD_STRENGTH_ENCODED = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """What there is to learn from.

    `definitions`: one text of unit length per framework. `ideas`: the labelled ideas; `truth`: (labelled ideas,)
    the column of the framework, -1 for "fits none". `corpus`: ideas without a label. `known`: of each
    labelled idea, the share of its features that another text has too.
    """

    definitions: Texts
    ideas: Texts
    truth: npt.NDArray[np.int64]
    corpus: Texts
    known: Array

    @property
    def frameworks(self) -> int:
        return len(self.definitions)

    @property
    def has_encoder(self) -> bool:
        return bool(self.definitions.vectors.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Scores are `matrix @ weights + vectors @ encoder_weights + bias`.

    `held_out`: (labelled ideas, frameworks) scores of each idea by a model that hasn't seen it. `outside`: the same
    shape, by a model that knows neither the idea nor its framework, so that it fits none; -inf where a framework
    wasn't there. The rows of ideas that fit none, and all rows with fewer than three frameworks, are -inf throughout.
    """

    weights: Array
    encoder_weights: Array
    bias: Array
    held_out: Array
    outside: Array


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is chosen by held-out predictions: how much the definitions' own words, sentence vectors and unlabelled
    ideas count beside what was learned.
    """

    encoder_weight: float
    likeness: float
    strength: float


def fit(examples: Examples, *, seed: int) -> Fitted:
    if len(examples.ideas) > MOST_EXACT:
        return _fit_many(examples, seed=seed)
    return _fit_exact(_few(examples, seed), seed=seed)


def _few(examples: Examples, seed: int) -> Examples:
    """With at most MOST_LENT unlabelled ideas; below LEAST_LENT they'd teach nothing but chance."""
    size = len(examples.corpus)
    if LEAST_LENT <= size <= MOST_LENT and examples.frameworks > 1:
        return examples
    most = MOST_LENT if size > MOST_LENT and examples.frameworks > 1 else 0
    chosen = np.sort(np.random.default_rng(seed).permutation(size)[:most])
    return replace(examples, corpus=examples.corpus.take(chosen))


def _fit_exact(examples: Examples, *, seed: int) -> Fitted:
    """Kernel ridge regression, word families and lent words; the recipe is what predicts held-out ideas best."""
    cold = not len(examples.ideas)
    latent = Latent.fit(examples.definitions.beside(examples.ideas).beside(examples.corpus), seed=seed)
    strengths = _STRENGTHS if len(examples.corpus) else (0.0,)
    if cold:
        recipe = (
            Recipe(_COLD_ENCODER_WEIGHT, 1.0, _COLD_STRENGTH_ENCODED)
            if examples.has_encoder
            else Recipe(0.0, 1.0, _COLD_STRENGTH)
        )
        held_out = np.zeros((0, examples.frameworks))
    else:
        recipe, held_out = _choose(examples, latent, strengths)
    kernel = Kernel(latent, recipe.encoder_weight)
    known = examples.definitions.beside(examples.ideas)
    dual = _solve(kernel.gram(known, known), examples.truth, examples.frameworks)
    dual[: examples.frameworks] += recipe.likeness * np.eye(examples.frameworks)
    bias = np.zeros(examples.frameworks)
    if len(examples.corpus) and recipe.strength:
        scores = kernel.gram(examples.corpus, known) @ dual
        lent = lend(
            scores, kernel.gram(examples.corpus, examples.corpus), strength=recipe.strength, cold=cold
        )
        known, dual, bias = (
            known.beside(examples.corpus),
            np.concatenate([dual, lent.dual]),
            -lent.shift,
        )
    weights, encoder_weights = kernel.weights(known, dual)
    return Fitted(weights, encoder_weights, bias, held_out, _outside(examples, kernel, recipe))


def _choose(examples: Examples, latent: Latent | None, strengths: Sequence[float]) -> tuple[Recipe, Array]:
    """The recipe with the least held-out loss, and its held-out scores."""
    weights = _ENCODER_WEIGHTS if examples.has_encoder else (0.0,)
    tried: dict[Recipe, Array] = {}
    for weight in weights:
        recipes = [Recipe(weight, likeness, strength) for likeness in _LIKENESSES for strength in strengths]
        tried |= _held_out(examples, Kernel(latent, weight), recipes)
    best = min(tried, key=lambda recipe: _loss(tried[recipe], examples.truth))
    return best, tried[best]


@dataclass(frozen=True, slots=True, eq=False)
class Grams:
    """Inner products of what is known (definitions, then ideas) and of the unlabelled ideas, computed once."""

    known: Array
    to_corpus: Array
    of_corpus: Array

    @classmethod
    def of(cls, examples: Examples, kernel: Kernel) -> "Grams":
        known = examples.definitions.beside(examples.ideas)
        return cls(
            known=kernel.gram(known, known),
            to_corpus=kernel.gram(known, examples.corpus),
            of_corpus=kernel.gram(examples.corpus, examples.corpus),
        )

    def solve(self, used: Places, truth: npt.NDArray[np.int64], count: int) -> Array:
        """Dual weights of a model that has seen only `used`, the first `count` of which are definitions."""
        return _solve(self.known[np.ix_(used, used)], truth, count)

    def scores(self, left: Places, used: Places, dual: Array, recipe: Recipe) -> Array:
        """What that model, after a recipe, makes of the rows `left`: (left, frameworks)."""
        taught = dual.copy()
        count = dual.shape[1]
        taught[:count] += recipe.likeness * np.eye(count)
        scores: Array = self.known[np.ix_(left, used)] @ taught
        if len(self.of_corpus) and recipe.strength:
            lent = lend(self.to_corpus[used].T @ taught, self.of_corpus, strength=recipe.strength, cold=False)
            scores += self.to_corpus[left] @ lent.dual - lent.shift
        return scores


def _held_out(examples: Examples, kernel: Kernel, recipes: Sequence[Recipe]) -> dict[Recipe, Array]:
    """Scores of each labelled idea by a model of the other parts, for each recipe."""
    count, size = examples.frameworks, len(examples.ideas)
    grams = Grams.of(examples, kernel)
    part = parts(examples.truth, PARTS)
    scores = {recipe: np.zeros((size, count)) for recipe in recipes}
    for number in range(PARTS):
        left = np.flatnonzero(part == number)
        if not len(left):
            continue
        seen = np.flatnonzero(part != number)
        used = np.concatenate([np.arange(count), seen + count])
        dual = grams.solve(used, examples.truth[seen], count)
        for recipe in recipes:
            scores[recipe][left] = grams.scores(left + count, used, dual, recipe)
    return scores


def _outside(examples: Examples, kernel: Kernel, recipe: Recipe) -> Array:
    """What ideas look like that fit none: frameworks are taken away in turn, with their ideas, and those scored."""
    count, truth = examples.frameworks, examples.truth
    scores = np.full((len(truth), count), -np.inf)
    if count < LEAST_FRAMEWORKS or not len(truth):
        return scores
    if not recipe.strength:
        examples = replace(examples, corpus=examples.corpus.take(np.arange(0)))
    grams = Grams.of(examples, kernel)
    for number in range(min(PARTS, count)):
        away = np.arange(count) % PARTS == number
        kept = np.flatnonzero(~away)
        column = np.cumsum(~away) - 1
        left = np.flatnonzero((truth >= 0) & away[truth])
        seen = np.flatnonzero((truth < 0) | ~away[truth])
        if not len(left) or not len(kept):
            continue
        used = np.concatenate([kept, seen + count])
        target = np.where(truth[seen] < 0, -1, column[truth[seen]])
        dual = grams.solve(used, target, len(kept))
        scores[np.ix_(left, kept)] = grams.scores(left + count, used, dual, recipe)
    return scores


def without_own(scores: Array, truth: npt.NDArray[np.int64]) -> Array:
    """Scores of ideas as if their own framework weren't there, -inf: with many examples as good as taking it away."""
    without = np.full(scores.shape, -np.inf)
    fits = np.flatnonzero(truth >= 0)
    if scores.shape[1] >= LEAST_FRAMEWORKS:
        without[fits] = scores[fits]
        without[fits, truth[fits]] = -np.inf
    return without


def _solve(gram: Array, truth: npt.NDArray[np.int64], count: int) -> Array:
    """Dual weights (definitions and ideas, frameworks): ridge regression on one-hot targets (Rifkin and others,
    "Regularized least-squares classification", 2003).

    Definitions are examples too, heavier ones; without labels only their likeness counts.
    """
    if not len(truth):
        return np.zeros((count, count))
    target = np.concatenate([np.eye(count), one_hot(truth, count)])
    importance = np.sqrt(np.concatenate([np.full(count, _DEFINITION_WEIGHT), np.ones(len(truth))]))
    system = gram * np.outer(importance, importance)
    system[np.diag_indices_from(system)] += _PENALTY
    dual: Array = linalg.solve(system, target * importance[:, None], assume_a="pos", overwrite_a=True)
    dual *= importance[:, None]
    return dual


def _loss(scores: Array, truth: npt.NDArray[np.int64]) -> float:
    """Log loss of held-out scores at the temperature that suits them best."""
    fits = truth >= 0
    return temperature(scores[fits], truth[fits])[1] if fits.any() else 0.0


def _fit_many(examples: Examples, *, seed: int) -> Fitted:
    """With many examples: a linear support vector classifier per framework, which then tells classes better apart."""
    size = len(examples.ideas)
    part = parts(examples.truth, PARTS_OF_MANY)
    held_out = np.zeros((size, examples.frameworks))
    for number in range(PARTS_OF_MANY):
        weights, encoder_weights, bias = _classifier(examples, np.flatnonzero(part != number), seed)
        left = np.flatnonzero(part == number)
        ideas = examples.ideas.take(left)
        held_out[left] = ideas.matrix @ weights + ideas.vectors @ encoder_weights + bias
    weights, encoder_weights, bias = _classifier(examples, np.arange(size), seed)
    return Fitted(weights, encoder_weights, bias, held_out, without_own(held_out, examples.truth))


def _classifier(examples: Examples, chosen: Places, seed: int) -> tuple[Array, Array, Array]:
    count = examples.frameworks
    known = examples.definitions.beside(examples.ideas.take(chosen))
    matrix = known.matrix
    if examples.has_encoder:
        matrix = sparse.hstack([matrix, sparse.csr_matrix(known.vectors)]).tocsr()
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
    features = examples.ideas.matrix.shape[1]
    return coefficients[:features], coefficients[features:], bias


def one_hot(truth: npt.NDArray[np.int64], count: int) -> Array:
    target = np.zeros((len(truth), count))
    fits = truth >= 0
    target[np.flatnonzero(fits), truth[fits]] = 1
    return target
