"""Which recipe to learn by: the one that predicts labelled ideas best by a model that hasn't seen them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.text.learning.examples import Examples
from pipeline.text.learning.grams import Array
from pipeline.text.learning.many import ENCODER_WEIGHTS, LEAST_FRAMEWORKS
from pipeline.text.learning.teaching import Fold, Grams, Learner, Recipe, View
from pipeline.text.learning.temperature import held_out_losses

RIDGE = Learner(0.0, (0.0, 0.5))
MACHINES = (Learner(0.5, (0.0, 0.15)), Learner(2.0, (0.0, 0.15)))
_STRENGTHS = (0.0, 0.4, 1.5)
_EMPHASES = (-0.5, 0.4)


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Of each labelled idea, by a model that hasn't seen it, its `scores` (ideas, frameworks); `losses` as in
    `held_out_losses`; and the `folds` that these models are.
    """

    scores: Array
    losses: Array
    folds: Sequence[Fold]

    @property
    def loss(self) -> float:
        return float(self.losses.mean())


def choose(examples: Examples, seed: int) -> tuple[Recipe, Grams, HeldOut]:
    """The recipe for which held-out losses speak, and what was held out; one thing is chosen after the other.

    First the weight of sentence vectors, by ridge regression, which is quickest; then the learner, with how much
    likeness and lent words count; then the emphasis.
    """
    view = View.of(examples, 0.0, seed)
    strengths = _STRENGTHS if len(examples.corpus) else (0.0,)
    tried: dict[Recipe, HeldOut] = {}
    grams: dict[float, Grams] = {}
    for each in ENCODER_WEIGHTS if examples.has_encoder else (0.0,):
        weighed = Grams.of(view, each)
        tried |= _held_out(weighed, _recipes(RIDGE, each, strengths))
        best = _least_loss(tried)
        if best.encoder_weight == each:
            grams[0.0] = weighed
    weight = best.encoder_weight
    if examples.frameworks < LEAST_FRAMEWORKS:
        return best, grams[0.0], tried[best]
    for learner in MACHINES:
        tried |= _held_out(grams[0.0], _recipes(learner, weight, strengths))
    best = _least_loss(tried)
    for emphasis in _EMPHASES:
        grams[emphasis] = Grams.of(View.of(examples, emphasis, seed), weight)
        tried |= _held_out(grams[emphasis], [replace(best, emphasis=emphasis)])
    usual = Recipe(MACHINES[0], 0.0, weight, MACHINES[0].likenesses[-1], strengths[:2][-1])
    best = _surely_less(tried, usual)
    return best, grams[best.emphasis], tried[best]


def _recipes(learner: Learner, weight: float, strengths: Sequence[float]) -> list[Recipe]:
    return [
        Recipe(learner, 0.0, weight, likeness, strength)
        for likeness in learner.likenesses
        for strength in strengths
    ]


def _least_loss(tried: Mapping[Recipe, HeldOut]) -> Recipe:
    return min(tried, key=lambda recipe: tried[recipe].loss)


def _surely_less(tried: Mapping[Recipe, HeldOut], usual: Recipe) -> Recipe:
    """The recipe with the least loss, if it is less than the usual one's by more than a standard error; else the usual.

    With few labelled ideas the least of many losses is chance (compare the one-standard-error rule of Breiman and
    others, "Classification and regression trees", 1984).
    """
    best = _least_loss(tried)
    gained = tried[usual].losses - tried[best].losses
    return best if gained.mean() > gained.std() / np.sqrt(max(len(gained), 1)) else usual


def _held_out(grams: Grams, recipes: Sequence[Recipe]) -> dict[Recipe, HeldOut]:
    """Each labelled idea by a model of the other parts, for each recipe; all of one learner."""
    truth, count, learner = grams.view.examples.truth, grams.view.examples.frameworks, recipes[0].learner
    scores = {recipe: np.zeros((len(truth), count)) for recipe in recipes}
    folds = grams.folds(learner)
    for fold in folds:
        for recipe, held_out in scores.items():
            held_out[fold.left] = grams.scores(fold.scored, fold.left + count, np.arange(count), recipe)
    return {recipe: HeldOut(each, held_out_losses(each, truth), folds) for recipe, each in scores.items()}
