"""Fitting the linear score, and predicting each labelled idea by a model that hasn't seen it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from pipeline.text.examples import Examples, Fitted
from pipeline.text.grams import Array, Kernel, Latent, Places
from pipeline.text.lending import lend
from pipeline.text.machine import machine
from pipeline.text.many import (
    DEFINITION_WEIGHT,
    ENCODER_WEIGHTS,
    LEAST_FRAMEWORKS,
    fit_many,
    held_out_losses,
)
from pipeline.text.parts import parts

__all__ = ["Examples", "Fitted", "fit"]

MOST_EXACT = 3_000
MOST_LENT = 2_000
LEAST_LENT = 30
PARTS = 5
_PENALTY = 0.3
_STRENGTHS = (0.0, 0.4, 1.5)
_EMPHASES = (-0.5, 0.4)
_COLD_STRENGTH = 1.5
_COLD_ENCODER_WEIGHT = 0.25  # suits a strong encoder as well as a plain one: nobody has said yet which it is


@dataclass(frozen=True, slots=True)
class Learner:
    """Ridge regression when `freedom` is nought, else a support vector classifier with that freedom (C).

    `likenesses`: how much the definitions' own words may count beside it, in the spread that its scores have.
    """

    freedom: float
    likenesses: tuple[float, ...]


RIDGE = Learner(0.0, (0.0, 0.5))
MACHINES = (Learner(0.5, (0.0, 0.15)), Learner(2.0, (0.0, 0.15)))


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is chosen by held-out predictions: the learner, and how much rare words, sentence vectors, the
    definitions' own words and unlabelled ideas count.
    """

    learner: Learner
    emphasis: float
    encoder_weight: float
    likeness: float
    strength: float


def fit(examples: Examples, *, seed: int) -> Fitted:
    if len(examples.ideas) > MOST_EXACT:
        return fit_many(examples, seed=seed)
    return _fit_exact(_few(examples, seed), seed=seed)


def _few(examples: Examples, seed: int) -> Examples:
    """With at most MOST_LENT unlabelled ideas; below LEAST_LENT they'd teach nothing but chance."""
    size = len(examples.corpus)
    if LEAST_LENT <= size <= MOST_LENT and examples.frameworks > 1:
        return examples
    most = MOST_LENT if size > MOST_LENT and examples.frameworks > 1 else 0
    chosen = np.sort(np.random.default_rng(seed).permutation(size)[:most])
    return replace(examples, corpus=examples.corpus.take(chosen))


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The examples as one emphasis shows them; `scale` (features,) leads back to features as they are read."""

    examples: Examples
    scale: Array
    latent: Latent | None
    seed: int

    @classmethod
    def of(cls, examples: Examples, emphasis: float, seed: int) -> "View":
        scaled, scale = examples.emphasised(emphasis)
        texts = scaled.definitions.beside(scaled.ideas).beside(scaled.corpus)
        return cls(scaled, scale, Latent.fit(texts, seed=seed), seed)


def _fit_exact(examples: Examples, *, seed: int) -> Fitted:
    """One kernel, a learner on it, and lent words; the recipe is what predicts held-out ideas best."""
    count = examples.frameworks
    cold = not len(examples.ideas)
    if cold:
        weight = _COLD_ENCODER_WEIGHT if examples.has_encoder else 0.0
        recipe = Recipe(RIDGE, 0.0, weight, 1.0, _COLD_STRENGTH)
        grams = Grams.of(View.of(examples, 0.0, seed), recipe.encoder_weight)
        held_out = np.zeros((0, count))
    else:
        recipe, grams, held_out = _choose(examples, seed)
    kernel, shown = grams.kernel, grams.view.examples
    known = shown.definitions.beside(shown.ideas)
    taught = grams.teach(np.arange(len(known)), shown.truth, count, recipe.learner)
    weights, encoder_weights = (
        kernel.fold(taught.dual, known.matrix.shape[1], known.vectors.shape[1])
        if recipe.learner.freedom
        else kernel.weights(known, taught.dual)
    )
    # The definitions' own words, and what the unlabelled ideas lend, come on top.
    above, dual, bias = shown.definitions, recipe.likeness * np.eye(count), taught.bias
    if len(shown.corpus) and recipe.strength:
        scores = taught.of_corpus + recipe.likeness * grams.to_corpus[:count].T
        lent = lend(scores, grams.of_corpus, strength=recipe.strength, cold=cold)
        above, dual = above.beside(shown.corpus), np.concatenate([dual, lent.dual])
        bias = bias - lent.shift
    more = kernel.weights(above, dual)
    return Fitted(
        (weights + more[0]) * grams.view.scale[:, None],
        encoder_weights + more[1],
        bias,
        held_out,
        _outside(grams, recipe),
    )


def _choose(examples: Examples, seed: int) -> tuple[Recipe, "Grams", Array]:
    """The recipe for which held-out losses speak, and its held-out scores; one thing is chosen after the other.

    First the weight of sentence vectors, by ridge regression, which is quickest; then the learner, with how much
    likeness and lent words count; then the emphasis.
    """
    truth, view = examples.truth, View.of(examples, 0.0, seed)
    strengths = _STRENGTHS if len(examples.corpus) else (0.0,)
    tried: dict[Recipe, Array] = {}
    grams: dict[float, Grams] = {}
    for each in ENCODER_WEIGHTS if examples.has_encoder else (0.0,):
        weighed = Grams.of(view, each)
        tried |= _held_out(weighed, _recipes(RIDGE, each, strengths))
        best = _least_loss(tried, truth)
        if best.encoder_weight == each:
            grams[0.0] = weighed
    weight = best.encoder_weight
    if examples.frameworks < LEAST_FRAMEWORKS:
        return best, grams[0.0], tried[best]
    for learner in MACHINES:
        tried |= _held_out(grams[0.0], _recipes(learner, weight, strengths))
    best = _least_loss(tried, truth)
    for emphasis in _EMPHASES:
        grams[emphasis] = Grams.of(View.of(examples, emphasis, seed), weight)
        tried |= _held_out(grams[emphasis], [replace(best, emphasis=emphasis)])
    usual = Recipe(MACHINES[0], 0.0, weight, MACHINES[0].likenesses[-1], strengths[:2][-1])
    best = _surely_less(tried, usual, truth)
    return best, grams[best.emphasis], tried[best]


def _recipes(learner: Learner, weight: float, strengths: Sequence[float]) -> list[Recipe]:
    return [
        Recipe(learner, 0.0, weight, likeness, strength)
        for likeness in learner.likenesses
        for strength in strengths
    ]


def _least_loss(tried: Mapping[Recipe, Array], truth: npt.NDArray[np.int64]) -> Recipe:
    return min(tried, key=lambda recipe: float(held_out_losses(tried[recipe], truth).mean()))


def _surely_less(tried: Mapping[Recipe, Array], usual: Recipe, truth: npt.NDArray[np.int64]) -> Recipe:
    """The recipe with the least loss, if it is less than the usual one's by more than a standard error; else the usual.

    With few labelled ideas the least of many losses is chance (compare the one-standard-error rule of Breiman and
    others, "Classification and regression trees", 1984).
    """
    best = _least_loss(tried, truth)
    gained = held_out_losses(tried[usual], truth) - held_out_losses(tried[best], truth)
    return best if gained.mean() > gained.std() / np.sqrt(max(len(gained), 1)) else usual


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """What a learner came to: `dual` weights of examples or, of a machine, coefficients of explicit features; `bias`;
    and scores of all that is known, and of the unlabelled ideas, without likeness and lent words.
    """

    dual: Array
    bias: Array
    of_known: Array
    of_corpus: Array


@dataclass(frozen=True, slots=True, eq=False)
class Grams:
    """Inner products of what is known (definitions, then ideas) and of the unlabelled ideas, computed once.

    `rows` and `corpus_rows`: the same texts as explicit features, for learners that want those.
    """

    view: View
    kernel: Kernel
    known: Array
    to_corpus: Array
    of_corpus: Array
    rows: sparse.csr_matrix
    corpus_rows: sparse.csr_matrix

    @classmethod
    def of(cls, view: View, encoder_weight: float) -> "Grams":
        kernel, examples = Kernel(view.latent, encoder_weight), view.examples
        known = examples.definitions.beside(examples.ideas)
        return cls(
            view=view,
            kernel=kernel,
            known=kernel.gram(known, known),
            to_corpus=kernel.gram(known, examples.corpus),
            of_corpus=kernel.gram(examples.corpus, examples.corpus),
            rows=kernel.explicit(known),
            corpus_rows=kernel.explicit(examples.corpus),
        )

    def teach(self, used: Places, truth: npt.NDArray[np.int64], count: int, learner: Learner) -> Taught:
        """A learner that has seen only `used`, the first `count` of which are definitions."""
        if not learner.freedom:
            dual = _solve(self.known[np.ix_(used, used)], truth, count)
            return Taught(dual, np.zeros(count), self.known[:, used] @ dual, self.to_corpus[used].T @ dual)
        coefficients, bias = machine(
            self.rows[used],
            np.concatenate([np.arange(count), truth]),
            np.concatenate([np.full(count, DEFINITION_WEIGHT), np.ones(len(truth))]),
            freedom=learner.freedom,
            seed=self.view.seed,
        )
        return Taught(
            coefficients, bias, self.rows @ coefficients + bias, self.corpus_rows @ coefficients + bias
        )

    def scores(self, taught: Taught, left: Places, definitions: Places, recipe: Recipe) -> Array:
        """What that model, after a recipe, makes of the rows `left`: (left, frameworks)."""
        scores: Array = taught.of_known[left] + recipe.likeness * self.known[np.ix_(left, definitions)]
        if len(self.of_corpus) and recipe.strength:
            of_corpus = taught.of_corpus + recipe.likeness * self.to_corpus[definitions].T
            lent = lend(of_corpus, self.of_corpus, strength=recipe.strength, cold=False)
            scores += self.to_corpus[left] @ lent.dual - lent.shift
        return scores


def _held_out(grams: Grams, recipes: Sequence[Recipe]) -> dict[Recipe, Array]:
    """Scores of each labelled idea by a model of the other parts, for each recipe; all of one learner."""
    truth, count, learner = grams.view.examples.truth, grams.view.examples.frameworks, recipes[0].learner
    part = parts(truth, PARTS)
    scores = {recipe: np.zeros((len(truth), count)) for recipe in recipes}
    for number in range(PARTS):
        left = np.flatnonzero(part == number)
        if not len(left):
            continue
        seen = np.flatnonzero(part != number)
        used = np.concatenate([np.arange(count), seen + count])
        taught = grams.teach(used, truth[seen], count, learner)
        for recipe, held_out in scores.items():
            held_out[left] = grams.scores(taught, left + count, np.arange(count), recipe)
    return scores


def _outside(grams: Grams, recipe: Recipe) -> Array:
    """What ideas look like that fit none: frameworks are taken away in turn, with their ideas, and those scored."""
    count, truth = grams.view.examples.frameworks, grams.view.examples.truth
    scores = np.full((len(truth), count), -np.inf)
    if count < LEAST_FRAMEWORKS or not len(truth):
        return scores
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
        taught = grams.teach(used, target, len(kept), recipe.learner)
        scores[np.ix_(left, kept)] = grams.scores(taught, left + count, kept, recipe)
    return scores


def _solve(gram: Array, truth: npt.NDArray[np.int64], count: int) -> Array:
    """Dual weights (definitions and ideas, frameworks): ridge regression on one-hot targets (Rifkin and others,
    "Regularized least-squares classification", 2003).

    Definitions are examples too, heavier ones; without labels only their likeness counts.
    """
    if not len(truth):
        return np.zeros((count, count))
    target = np.concatenate([np.eye(count), one_hot(truth, count)])
    importance = np.sqrt(np.concatenate([np.full(count, DEFINITION_WEIGHT), np.ones(len(truth))]))
    system = gram * np.outer(importance, importance)
    system[np.diag_indices_from(system)] += _PENALTY
    dual: Array = linalg.solve(system, target * importance[:, None], assume_a="pos", overwrite_a=True)
    dual *= importance[:, None]
    return dual


def one_hot(truth: npt.NDArray[np.int64], count: int) -> Array:
    target = np.zeros((len(truth), count))
    fits = truth >= 0
    target[np.flatnonzero(fits), truth[fits]] = 1
    return target
