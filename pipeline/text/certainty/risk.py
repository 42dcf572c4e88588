"""How likely an answer is wrong, given its confidence: learned from all held-out ideas, with what is left uncertain.

A logistic model of "right" on log(confidence) and -log(1 - confidence): beta calibration (Kull, Silva Filho and
Flach, "Beta calibration", AISTATS 2017), which has a slope of its own for the surest ideas. Three numbers fitted on
all held-out ideas say far more about the few surest ones than counting their few mistakes does. Its prior pools what
other organisations' ideas showed: the mean and the spread of these numbers over public sets (clinc150, parliamentary
questions, proposals to a platform; never an organisation's own). What remains uncertain is the Laplace approximation
of the posterior.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from pipeline.text.certainty.calibration import Array

_PRIOR = np.array([0.3, 0.8, 0.65])
_PRECISION = np.array([6.0, 6.0, 10.0])
# How much frameworks of one organisation differ: standard deviation of the log odds.
_BETWEEN_FRAMEWORKS = 0.7
_LEAST, _MOST = 1e-3, 1 - 1e-4
_ROUNDS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Risk:
    """`weights` (3,) or, with the deviation of one framework, (4,); `covariance` of the same size squared."""

    weights: Array
    covariance: Array

    def wrong(self, confidence: Array) -> Array:
        """The probability that each answer is wrong: (n,), each in (0, 1)."""
        wrong: Array = expit(-(self._features(confidence) @ self.weights))
        return wrong

    def of_surest(self, confidence: Array) -> tuple[Array, Array]:
        """Of the first 1, 2, … ideas: the mean probability of being wrong, and its variance; both (n,)."""
        features = self._features(confidence)
        wrong = expit(-(features @ self.weights))
        count = np.arange(1, len(wrong) + 1)
        slope = np.cumsum((wrong * (1 - wrong))[:, None] * features, axis=0) / count[:, None]
        return np.cumsum(wrong) / count, np.einsum("ij,jk,ik->i", slope, self.covariance, slope)

    def for_framework(self, confidence: Array, right: npt.NDArray[np.bool_], weight: Array) -> "Risk":
        """The same for one framework, from the held-out ideas for which it was the best: a shift of the log odds."""
        features = features_of(confidence)
        base = features @ self.weights
        precision = 1 / _BETWEEN_FRAMEWORKS**2
        shift = 0.0
        for _ in range(_ROUNDS):
            likely = expit(base + shift)
            slope = float((weight * (right - likely)).sum()) - precision * shift
            shift += slope / (float((weight * likely * (1 - likely)).sum()) + precision)
        likely = expit(base + shift)
        spread = weight * likely * (1 - likely)
        cross = features.T @ spread
        # These ideas are in the covariance already; what they tell of the shift is joined to it.
        inverse = np.zeros((4, 4))
        inverse[:3, :3] = np.linalg.inv(self.covariance)
        inverse[:3, 3] = inverse[3, :3] = cross
        inverse[3, 3] = spread.sum() + precision
        return Risk(np.append(self.weights, shift), np.asarray(np.linalg.inv(inverse), dtype=np.float64))

    def _features(self, confidence: Array) -> Array:
        features = features_of(confidence)
        more = len(self.weights) - features.shape[1]
        return np.column_stack([features, np.ones((len(features), more))]) if more else features


def features_of(confidence: Array) -> Array:
    """A one, the log of confidence, and minus that of its rest: (n, 3)."""
    clipped = np.clip(confidence, _LEAST, _MOST)
    return np.column_stack([np.ones(len(clipped)), np.log(clipped), -np.log1p(-clipped)])


def fit_risk(confidence: Array, right: npt.NDArray[np.bool_], weight: Array) -> Risk:
    """Fit on held-out ideas that fit a framework; `weight` (n,) says how many ideas each stands for.

    More confidence is never learned as more risk.
    """
    features = features_of(confidence)

    def loss(weights: Array) -> tuple[float, Array]:
        margin = features @ weights
        away = weights - _PRIOR
        value = (weight * (np.logaddexp(0, margin) - right * margin)).sum()
        slope = features.T @ (weight * (expit(margin) - right)) + _PRECISION * away
        return float(value + (_PRECISION * away**2).sum() / 2), slope

    bounds = [(None, None), (0.0, None), (0.0, None)]
    found = minimize(loss, _PRIOR, jac=True, method="L-BFGS-B", bounds=bounds)
    weights = np.round(found.x, 6)
    likely = expit(features @ weights)
    curvature = features.T @ (features * (weight * likely * (1 - likely))[:, None])
    return Risk(weights, np.asarray(np.linalg.inv(curvature + np.diag(_PRECISION)), dtype=np.float64))
