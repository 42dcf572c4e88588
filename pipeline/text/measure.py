"""Setting the calibration: from held-out decisions of people, or, as long as there are none, with caution."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from pipeline.text.calibration import NEVER, Array, Calibration, auto_threshold, evidence, temperature
from pipeline.text.fitting import Examples, Fitted
from pipeline.text.vectoriser import Weighted

ENOUGH_FOR_NONE = 10
_TEMPERATURES = np.geomspace(0.02, 2.0, 60)
_COLD_TEMPERATURE = 0.75
_COLD_CEILING = 0.9
_EXPECTED_NONE = 0.1
_NONE_FROM = 0.5
_COLD_NONE_FROM = 0.8
_DEFAULT_SPREAD = 0.05
_PENALTY = 0.001


def calibrate(held_out: Array, examples: Examples, *, max_error: float) -> Calibration:
    """From scores of labelled ideas, each by a model that hadn't seen it."""
    truth, known = examples.truth, examples.known
    fits = truth >= 0
    chosen = temperature(held_out[fits], truth[fits], _TEMPERATURES) if fits.any() else _TEMPERATURES[-1]
    none_weights, none_bias = _none_model(held_out, examples)
    ceiling = 1 - 1 / (len(truth) + 2)
    calibration = Calibration(chosen, none_weights, none_bias, NEVER, _NONE_FROM, ceiling)
    by_framework, none = calibration.probabilities(held_out, known)
    decided = none < _NONE_FROM  # the others would have been called "fits none"
    auto_from = auto_threshold(
        by_framework.max(axis=1)[decided], (by_framework.argmax(axis=1) == truth)[decided], max_error
    )
    return Calibration(chosen, none_weights, none_bias, auto_from, _NONE_FROM, ceiling)


def calibrate_without_labels(
    fitted: Fitted,
    unlabelled: Weighted,
    vectors: Array,
    *,
    automatic_from: float | None,
) -> Calibration:
    """Without anybody's decision: probabilities that rather say too little, and no decision alone.

    `automatic_from`: the probability from which the organisation wants routing on definitions alone.
    """
    scores = np.asarray(unlabelled.matrix @ fitted.weights) + vectors @ fitted.encoder_weights + fitted.bias
    if len(scores):
        centred = scores - scores.mean(axis=1, keepdims=True)
        spread = max(float(centred.std()), 1e-3)
        highest = scores.max(axis=1)
        middle = float(np.median(highest))
    else:
        spread, middle = _DEFAULT_SPREAD, 2 * _DEFAULT_SPREAD
    # A typical idea fits none with the expected probability; halfway down to nought it is a toss-up.
    odds = float(logit(_EXPECTED_NONE))
    weight = 2 * odds / max(middle, 1e-3)
    return Calibration(
        temperature=_COLD_TEMPERATURE * spread,
        none_weights=(weight, 0.0, 0.0),
        none_bias=-odds,
        auto_from=NEVER if automatic_from is None else automatic_from,
        none_from=_COLD_NONE_FROM,
        ceiling=_COLD_CEILING,
    )


def _none_model(held_out: Array, examples: Examples) -> tuple[tuple[float, float, float], float]:
    """Learn what ideas look like that fit none: labelled ones, and ideas whose own framework is taken away.

    Without its own framework an idea is, to the frameworks that are left, one that fits none.
    """
    truth, known = examples.truth, examples.known
    fits = np.flatnonzero(truth >= 0)
    frameworks = held_out.shape[1]
    labelled_none = np.flatnonzero(truth < 0)
    if len(fits) < ENOUGH_FOR_NONE or (frameworks < 3 and not len(labelled_none)):
        return (0.0, 0.0, 0.0), float(logit(_EXPECTED_NONE))
    seen = [evidence(held_out[fits], known[fits]), evidence(held_out[labelled_none], known[labelled_none])]
    expected = _EXPECTED_NONE
    if len(labelled_none):
        expected = (len(labelled_none) + 1) / (len(truth) + 1 / _EXPECTED_NONE)
    target = [np.zeros(len(fits)), np.ones(len(labelled_none))]
    if frameworks >= 3:
        without = held_out[fits].copy()
        without[np.arange(len(fits)), truth[fits]] = -np.inf
        seen.append(evidence(without, known[fits]))
        target.append(np.ones(len(fits)))
    weight = [np.full(len(fits), (1 - expected) / len(fits)), np.ones(len(labelled_none)), np.ones(len(fits))]
    pretended = 1.0 if not len(labelled_none) else 1 / (1 + len(labelled_none) / ENOUGH_FOR_NONE)
    if len(labelled_none):
        weight[1] *= expected * (1 - pretended) / len(labelled_none)
    weight[2] *= expected * (pretended if frameworks >= 3 else 0.0) / len(fits)
    # A text of which nothing is known, and that resembles nothing, fits none.
    seen.append(np.zeros((1, 3)))
    target.append(np.ones(1))
    weight = [*weight[: len(seen) - 1], np.full(1, expected / 5)]
    return _bounded_logistic(np.concatenate(seen), np.concatenate(target), np.concatenate(weight))


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
