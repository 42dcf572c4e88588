"""Fitting the linear score, and predicting each labelled idea by a model that hasn't seen it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.text.learning.choosing import RIDGE, HeldOut, choose
from pipeline.text.learning.examples import Examples, Fitted
from pipeline.text.learning.grams import Array, Places
from pipeline.text.learning.lending import lend
from pipeline.text.learning.many import LEAST_FRAMEWORKS, fit_many
from pipeline.text.learning.parts import PARTS
from pipeline.text.learning.teaching import Fold, Grams, Recipe, View

MOST_EXACT = 3_000
MOST_LENT = 2_000
LEAST_LENT = 30
_COLD_STRENGTH = 1.5
_COLD_ENCODER_WEIGHT = 0.25  # suits a strong encoder as well as a plain one: nobody has said yet which it is


def fit(examples: Examples, *, seed: int) -> Fitted:
    if len(examples.ideas) > MOST_EXACT:
        return fit_many(examples, seed=seed)
    lending = _lending(examples, seed)
    few = replace(examples, corpus=examples.corpus.take(lending))
    return _fit_exact(few, lending, seed=seed)


def _lending(examples: Examples, seed: int) -> Places:
    """The unlabelled ideas that lend: at most MOST_LENT; below LEAST_LENT they'd teach nothing but chance."""
    size = len(examples.corpus)
    if size < LEAST_LENT or examples.frameworks < 2:
        return np.zeros(0, dtype=np.intp)
    return np.sort(np.random.default_rng(seed).permutation(size)[:MOST_LENT])


def _fit_exact(examples: Examples, lending: Places, *, seed: int) -> Fitted:
    """One kernel, a learner on it, and lent words; the recipe is what predicts held-out ideas best.

    `lending`: the places of the unlabelled ideas among all.
    """
    count = examples.frameworks
    cold = not len(examples.ideas)
    if cold:
        weight = _COLD_ENCODER_WEIGHT if examples.has_encoder else 0.0
        recipe = Recipe(RIDGE, 0.0, weight, 1.0, _COLD_STRENGTH)
        grams = Grams.of(View.of(examples, 0.0, seed), recipe.encoder_weight)
        held_out = HeldOut(np.zeros((0, count)), np.zeros(0), ())
    else:
        recipe, grams, held_out = choose(examples, seed)
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
        scores = grams.plain(taught.scored, np.arange(count), recipe)
        lent = lend(scores, grams.of_corpus, strength=recipe.strength, cold=cold)
        above, dual = above.beside(shown.corpus), np.concatenate([dual, lent.dual])
        bias = bias - lent.shift
    more = kernel.weights(above, dual)
    return Fitted(
        (weights + taught.more + more[0]) * grams.view.scale[:, None],
        encoder_weights + more[1],
        bias,
        held_out.scores,
        _outside(grams, recipe),
        lending,
        _sampled(grams, recipe, held_out.folds),
    )


def _sampled(grams: Grams, recipe: Recipe, folds: Sequence[Fold]) -> Array:
    """Scores of the unlabelled ideas, each by a model that misses one part of the labelled ones."""
    examples = grams.view.examples
    count = examples.frameworks
    scores = np.zeros((len(examples.corpus), count))
    if not scores.size:
        return scores
    turn = np.arange(len(scores)) % PARTS
    for fold in folds:
        left = np.flatnonzero(turn == fold.number)
        scores[left] = grams.scores_of_corpus(fold.scored, left, np.arange(count), recipe)
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
        scores[np.ix_(left, kept)] = grams.scores(taught.scored, left + count, kept, recipe)
    return scores
