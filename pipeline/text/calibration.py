"""From scores to probabilities that mean what they say, and from those to decisions that keep a promise.

Held-out decisions of people (leave-one-out, so that every one of them counts) set three things:
- the temperature by which scores become probabilities (Guo and others, "On calibration of modern neural
  networks", ICML 2017);
- a logistic model of "fits none" (Platt 1999) on the highest score, its lead, and the share of the text that is known;
- the confidence from which the model decides alone: the lowest at which the upper Clopper-Pearson bound (1934) on
  the error of all held-out ideas above it stays within the accepted error, confidences being tried from the
  highest down, so that no correction for many trials is needed (fixed-sequence testing; Angelopoulos and others,
  "Learn then test", 2021).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, softmax
from scipy.stats import beta

Array = npt.NDArray[np.float64]
Truth = npt.NDArray[np.int64]

CERTAINTY = 0.9
NEVER = 2.0  # a confidence that no idea reaches
_EVIDENCE = 3  # highest score, lead over the second, share known


@dataclass(frozen=True, slots=True)
class Calibration:
    """How scores become probabilities and decisions.

    `temperature` divides scores. `none_weights` (3,) and `none_bias` are the logistic model of "fits none".
    `auto_from`: the confidence from which the model decides alone, above 1 for never. `none_from`: the
    probability from which it says that no framework fits. `ceiling`: confidence never exceeds it.
    """

    temperature: float
    none_weights: tuple[float, float, float]
    none_bias: float
    auto_from: float
    none_from: float
    ceiling: float

    def probabilities(self, scores: Array, known: Array) -> tuple[Array, Array]:
        """Probabilities per framework (n, frameworks) and of none (n,); a row and its none add up to 1.

        `scores`: (n, frameworks); `known`: (n,) share of each text that lies in known features.
        """
        none = expit(evidence(scores, known) @ np.asarray(self.none_weights) + self.none_bias)
        within = softmax(scores / self.temperature, axis=1)
        within = np.minimum(within, self.ceiling)
        return np.round(within * (1 - none)[:, None], 6), np.round(none, 6)


def evidence(scores: Array, known: Array) -> Array:
    """What tells a text that fits none: (n, 3) highest score, lead over the second, share known."""
    if scores.shape[1] > 1:
        top = np.partition(scores, scores.shape[1] - 2, axis=1)[:, -2:]
        highest, lead = top[:, 1], top[:, 1] - top[:, 0]
    else:
        highest = lead = scores[:, 0]
    return np.column_stack((highest, lead, known))


def temperature(scores: Array, truth: Truth, candidates: Array) -> float:
    """The temperature of `candidates` with the least log loss on held-out scores; `truth`: (n,) columns."""
    losses = [
        -np.log(np.maximum(softmax(scores / value, axis=1)[np.arange(len(truth)), truth], 1e-12)).mean()
        for value in candidates
    ]
    return float(candidates[int(np.argmin(losses))])


def auto_threshold(confidence: Array, right: npt.NDArray[np.bool_], max_error: float) -> float:
    """The lowest confidence from which deciding alone keeps the error within `max_error`.

    `confidence` (n,) and `right` (n,) come from held-out decisions. NEVER when they are too few to promise it.
    """
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order])
    count = np.arange(1, len(order) + 1)
    bound = beta.ppf(CERTAINTY, wrong + 1, np.maximum(count - wrong, 1e-9))
    # The sequence of tests begins where a faultless run would pass, but not before a tenth of the ideas, so that
    # one mistake among the very surest can't end it at once; it ends at the first test that fails.
    begin = max(int(np.ceil(np.log(1 - CERTAINTY) / np.log(1 - max_error))), len(order) // 10)
    if len(order) < begin:
        return NEVER
    passed = bound[begin - 1 :] <= max_error
    length = len(passed) if passed.all() else int(np.argmin(passed))
    if length == 0:
        return NEVER
    return float(confidence[order[begin - 1 + length - 1]])
