"""Setting the calibration: from held-out decisions of people, or, as long as there are none, with caution."""

from dataclasses import replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, logit

from pipeline.text.certainty.calibration import NEVER, Array, Calibration, evidence
from pipeline.text.certainty.inflow import label_weights
from pipeline.text.certainty.promise import HeldOut, thresholds
from pipeline.text.learning.examples import Examples, Fitted
from pipeline.text.learning.temperature import Truth, temperature

ENOUGH_FOR_NONE = 10
# Of the spread of scores; so that confidence is about as high as how often definitions alone are right.
_COLD_TEMPERATURE = 1.25
_COLD_CEILING = 0.9
_EXPECTED_NONE = 0.1
_NONE_FROM = 0.5
_COLD_NONE_FROM = 0.8
_DEFAULT_SPREAD = 0.03
_DEFAULT_HIGHEST = 0.1
_PENALTY = 0.001
_OFFSET_PENALTY = 1.0


def calibrate(
    fitted: Fitted, examples: Examples, corpus: Array, known: Array, *, max_error: float
) -> Calibration:
    """From scores of labelled ideas, each by a model that hadn't seen it.

    `corpus`: (ideas, frameworks) scores of the unlabelled ideas, and `known` (ideas,) their share known.
    """
    held_out, truth = fitted.held_out, examples.truth
    fits = truth >= 0
    scale, offsets = _scale(held_out[fits], truth[fits])
    none_weights, none_bias = _none_model(fitted, examples)
    ceiling = 1 - 1 / (len(truth) + 2)
    count = examples.frameworks
    calibration = Calibration(
        scale, offsets, none_weights, none_bias, (NEVER,) * count, (False,) * count, _NONE_FROM, ceiling
    )
    seen = _held_out(calibration, fitted, examples, corpus, known)
    found = thresholds(seen, examples.frameworks, max_error)
    return replace(calibration, auto_from=found.auto_from, own_promise=found.own)


def _held_out(
    calibration: Calibration, fitted: Fitted, examples: Examples, corpus: Array, known: Array
) -> HeldOut:
    """What the calibrated model says of held-out and of unlabelled ideas."""
    truth = examples.truth
    fits = np.flatnonzero(truth >= 0)
    inside, none_inside = calibration.probabilities(fitted.held_out[fits], examples.known[fits])
    outside, none_outside = calibration.probabilities(*_outside(fitted, examples))
    coming, none_coming = calibration.probabilities(corpus, known)
    within = coming / np.maximum(coming.sum(axis=1, keepdims=True), 1e-9)
    # Labelled ideas are among the unlabelled ones when words are lent, but aren't to come.
    to_come = fitted.sampled < len(corpus)
    sampled = calibration.probabilities(fitted.sampled_scores[to_come], known[fitted.sampled[to_come]])
    return HeldOut(
        confidence=_confidence(inside, none_inside),
        best=inside.argmax(axis=1),
        right=inside.argmax(axis=1) == truth[fits],
        weight=label_weights(within, truth[fits]),
        outside=_confidence(outside, none_outside),
        outside_best=outside.argmax(axis=1),
        coming=_confidence(coming, none_coming),
        coming_best=coming.argmax(axis=1),
        sampled=_confidence(*sampled),
        least_outside=float((truth < 0).sum() + 1) / (len(truth) + 1 / _EXPECTED_NONE),
    )


def _confidence(by_framework: Array, none: Array) -> Array:
    """That of the best framework, (n,); what would be called "fits none" is never automatic and gets -1."""
    confidence: Array = np.where(none < _NONE_FROM, by_framework.max(axis=1), -1.0)
    return confidence


def _outside(fitted: Fitted, examples: Examples) -> tuple[Array, Array]:
    """Scores (n, frameworks) of held-out ideas that fit none, and their share known: the labelled ones, when they are
    enough; else ideas whose own framework was taken away.
    """
    labelled = np.flatnonzero(examples.truth < 0)
    if len(labelled) >= ENOUGH_FOR_NONE:
        return fitted.held_out[labelled], examples.known[labelled]
    pretended = np.flatnonzero(np.isfinite(fitted.outside).any(axis=1))
    return fitted.outside[pretended], examples.known[pretended]


def calibrate_without_labels(
    corpus: Array,
    frameworks: int,
    *,
    automatic_from: float | None,
) -> Calibration:
    """Without anybody's decision: probabilities that rather say too little, and no decision alone.

    `corpus`: (ideas, frameworks) scores of unlabelled ideas. `automatic_from`: the probability from which the
    organisation wants routing on definitions alone.
    """
    if len(corpus):
        centred = corpus - corpus.mean(axis=1, keepdims=True)
        spread = max(float(centred.std()), 1e-3)
        middle = float(np.median(corpus.max(axis=1)))
    else:
        spread, middle = _DEFAULT_SPREAD, _DEFAULT_HIGHEST
    # A typical idea fits none with the expected probability; halfway down to nought it is a toss-up.
    odds = float(logit(_EXPECTED_NONE))
    weight = 2 * odds / max(middle, 1e-3)
    return Calibration(
        temperature=_COLD_TEMPERATURE * spread,
        offsets=(0.0,) * frameworks,
        none_weights=(weight, 0.0, 0.0),
        none_bias=-odds,
        auto_from=(NEVER if automatic_from is None else automatic_from,) * frameworks,
        own_promise=(False,) * frameworks,
        none_from=_COLD_NONE_FROM,
        ceiling=_COLD_CEILING,
    )


def _scale(scores: Array, truth: Truth) -> tuple[float, tuple[float, ...]]:
    """Temperature and offsets with the least penalised log loss on held-out scores of ideas that fit."""
    count = scores.shape[1]
    if not len(truth):
        return 1.0, (0.0,) * count
    start, _ = temperature(scores, truth)
    places = np.arange(len(truth))

    def loss(parameters: Array) -> tuple[float, Array]:
        slope, offsets = parameters[0], parameters[1:]
        logs = log_softmax(scores * (slope / start) + offsets, axis=1)
        error = np.exp(logs)
        error[places, truth] -= 1
        value = -logs[places, truth].sum() + _OFFSET_PENALTY * (offsets @ offsets) / 2 + (slope - 1) ** 2
        slopes = (error * scores).sum() / start + 2 * (slope - 1)
        return float(value), np.append(slopes, error.sum(axis=0) + _OFFSET_PENALTY * offsets)

    bounds = [(0.1, 10.0)] + [(None, None)] * count
    found = minimize(loss, np.append(1.0, np.zeros(count)), jac=True, method="L-BFGS-B", bounds=bounds)
    return start / float(found.x[0]), tuple(round(float(value), 6) for value in found.x[1:])


def _none_model(fitted: Fitted, examples: Examples) -> tuple[tuple[float, float, float], float]:
    """Learn what ideas look like that fit none: labelled ones, and ideas whose own framework was taken away."""
    truth, known = examples.truth, examples.known
    fits = np.flatnonzero(truth >= 0)
    labelled = np.flatnonzero(truth < 0)
    pretended = np.flatnonzero(np.isfinite(fitted.outside).any(axis=1))
    if len(fits) < ENOUGH_FOR_NONE or not (len(pretended) or len(labelled)):
        return (0.0, 0.0, 0.0), float(logit(_EXPECTED_NONE))
    expected = (len(labelled) + 1) / (len(truth) + 1 / _EXPECTED_NONE) if len(labelled) else _EXPECTED_NONE
    # Real ones push the pretended ones aside as there are more of them.
    share = 1 / (1 + len(labelled) / ENOUGH_FOR_NONE) if len(pretended) else 0.0
    groups = [
        (fitted.held_out[fits], known[fits], 0.0, 1 - expected),
        (fitted.held_out[labelled], known[labelled], 1.0, expected * (1 - share)),
        (fitted.outside[pretended], known[pretended], 1.0, expected * share),
    ]
    features = [evidence(scores, shares) for scores, shares, _, _ in groups]
    target = [np.full(len(scores), label) for scores, _, label, _ in groups]
    weight = [np.full(len(scores), total / max(len(scores), 1)) for scores, _, _, total in groups]
    # A text of which nothing is known, and that resembles nothing, fits none.
    features.append(evidence(fitted.bias[None], np.zeros(1)))
    target.append(np.ones(1))
    weight.append(np.full(1, expected / 5))
    return _bounded_logistic(np.concatenate(features), np.concatenate(target), np.concatenate(weight))


def _bounded_logistic(
    features: Array, target: Array, weight: Array
) -> tuple[tuple[float, float, float], float]:
    """Logistic regression in which no evidence of fitting may be learned as evidence of fitting none."""
    scale = np.maximum(features.std(axis=0), 1e-6)
    scaled = features / scale

    def loss(parameters: Array) -> tuple[float, Array]:
        margin = scaled @ parameters[:-1] + parameters[-1]
        error = (expit(margin) - target) * weight
        value = (weight * (np.logaddexp(0, margin) - target * margin)).sum()
        value += _PENALTY * (parameters[:-1] ** 2).sum() / 2
        return float(value), np.append(scaled.T @ error + _PENALTY * parameters[:-1], error.sum())

    bounds = [(None, 0.0)] * features.shape[1] + [(None, None)]
    found = minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    first, second, third = (float(value) for value in found.x[:-1] / scale)
    return (first, second, third), float(found.x[-1])
