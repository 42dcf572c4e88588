"""Learning from many labelled ideas: support vector classifiers on words, n-grams and sentence vectors."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.text.learning.examples import Examples, Fitted
from pipeline.text.learning.grams import Array, Kernel, Places
from pipeline.text.learning.machine import machine
from pipeline.text.learning.parts import parts
from pipeline.text.learning.telling import beside, trusted, word_by_word
from pipeline.text.learning.temperature import held_out_losses

PARTS_OF_MANY = 3
DEFINITION_WEIGHT = 3.0
ENCODER_WEIGHTS = (0.0, 0.5, 1.5, 4.0)
LEAST_FRAMEWORKS = 3
_EMPHASES = (-0.7, 0.0)
_FREEDOMS = (0.5, 2.0)
_TRIED_ON = 2_000  # ideas are enough to choose by
_MOST_SAMPLED = 2_000


@dataclass(frozen=True, slots=True)
class Setting:
    """What is chosen by held-out predictions: how much sentence vectors, rare words and mistakes count."""

    encoder_weight: float
    emphasis: float
    freedom: float


def fit_many(examples: Examples, *, seed: int) -> Fitted:
    """With many examples: a linear support vector classifier per framework."""
    setting = _choose(examples, seed)
    scaled, scale = examples.emphasised(setting.emphasis)
    size = len(examples.ideas)
    part = parts(examples.truth, PARTS_OF_MANY)
    held_out = np.zeros((size, examples.frameworks))
    kernel = Kernel(None, setting.encoder_weight)
    rows = kernel.explicit(scaled.definitions.beside(scaled.ideas))
    sampled = np.sort(np.random.default_rng(seed).permutation(len(examples.corpus))[:_MOST_SAMPLED])
    sampled_rows = kernel.explicit(scaled.corpus.take(sampled))
    sampled_scores = np.zeros((len(sampled), examples.frameworks))
    turn = np.arange(len(sampled)) % PARTS_OF_MANY
    for number in range(PARTS_OF_MANY):
        left = np.flatnonzero(part == number)
        coefficients, bias = _learn(rows, examples, np.flatnonzero(part != number), setting, seed)
        held_out[left] = rows[left + examples.frameworks] @ coefficients + bias
        sampled_scores[turn == number] = sampled_rows[turn == number] @ coefficients + bias
    coefficients, bias = _learn(rows, examples, np.arange(size), setting, seed)
    weights, encoder_weights = kernel.fold(
        coefficients, examples.ideas.matrix.shape[1], examples.ideas.vectors.shape[1]
    )
    return Fitted(
        weights * scale[:, None],
        encoder_weights,
        bias,
        held_out,
        without_own(held_out, examples.truth),
        sampled,
        sampled_scores,
    )


def _choose(examples: Examples, seed: int) -> Setting:
    """The setting with the least held-out loss on some of the ideas; one thing is chosen after the other."""
    size = len(examples.ideas)
    chosen = np.sort(np.random.default_rng(seed).permutation(size)[:_TRIED_ON])
    sample = replace(examples, ideas=examples.ideas.take(chosen), truth=examples.truth[chosen])
    part = parts(sample.truth, PARTS_OF_MANY)
    seen, left = np.flatnonzero(part > 0), np.flatnonzero(part == 0)

    def loss(setting: Setting) -> float:
        scaled, _ = sample.emphasised(setting.emphasis)
        rows = Kernel(None, setting.encoder_weight).explicit(scaled.definitions.beside(scaled.ideas))
        scores = _scores(rows, sample, seen, left, setting, seed)
        return float(held_out_losses(scores, sample.truth[left]).mean())

    best = Setting(0.0, 0.0, 1.0)
    if examples.has_encoder:
        best = _best([replace(best, encoder_weight=weight) for weight in ENCODER_WEIGHTS], loss)
    best = _best([replace(best, emphasis=emphasis) for emphasis in _EMPHASES], loss)
    return _best([replace(best, freedom=freedom) for freedom in _FREEDOMS], loss)


def _best(settings: list[Setting], loss: Callable[[Setting], float]) -> Setting:
    return min(settings, key=loss)


def _scores(
    rows: sparse.csr_matrix, examples: Examples, seen: Places, left: Places, setting: Setting, seed: int
) -> Array:
    """Scores (left, frameworks) of ideas by a model of the ideas `seen`; `rows`: definitions, then ideas."""
    coefficients, bias = _learn(rows, examples, seen, setting, seed)
    scores: Array = np.asarray(rows[left + examples.frameworks] @ coefficients) + bias
    return scores


def _learn(
    rows: sparse.csr_matrix, examples: Examples, seen: Places, setting: Setting, seed: int
) -> tuple[Array, Array]:
    count = examples.frameworks
    used = rows[np.concatenate([np.arange(count), seen + count])]
    truth = np.concatenate([np.arange(count), examples.truth[seen]])
    importance = np.concatenate([np.full(count, DEFINITION_WEIGHT), np.ones(len(seen))])
    trust = 0.0 if setting.encoder_weight else trusted(truth, count)
    words = examples.ideas.matrix.shape[1] if trust else 0
    coefficients, bias = machine(used, truth, importance, words=words, freedom=setting.freedom, seed=seed)
    if trust:
        some = used[:: max(len(seen) // _TRIED_ON, 1)]
        odds = word_by_word(used[:, :words], truth, importance, count)
        coefficients[:words] += beside(some @ coefficients, some[:, :words], odds, trust)
    return coefficients, bias


def without_own(scores: Array, truth: npt.NDArray[np.int64]) -> Array:
    """Scores of ideas as if their own framework weren't there, -inf: with many examples as good as taking it away."""
    without = np.full(scores.shape, -np.inf)
    fits = np.flatnonzero(truth >= 0)
    if scores.shape[1] >= LEAST_FRAMEWORKS:
        without[fits] = scores[fits]
        without[fits, truth[fits]] = -np.inf
    return without
