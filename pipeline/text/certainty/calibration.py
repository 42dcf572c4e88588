"""From scores to probabilities that mean what they say, and when to decide alone.

- scores become probabilities by a temperature (Guo and others, "On calibration of modern neural networks", ICML
  2017) and an offset per framework;
- "fits none" is a logistic model (Platt 1999) of the highest score, its lead, and the share of the text that is known.

How these are set, and which confidence is enough to decide alone, stands in `pipeline.text.certainty.measure` and
`pipeline.text.certainty.promise`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, softmax

Array = npt.NDArray[np.float64]

NEVER = 2.0  # a confidence that no idea reaches


@dataclass(frozen=True, slots=True)
class Calibration:
    """How scores become probabilities and decisions.

    `temperature` divides scores, `offsets` (frameworks,) are added then. `none_weights` (3,) and `none_bias` are
    the logistic model of "fits none". `auto_from` (frameworks,): the confidence from which the model decides alone
    for a framework, above 1 for never; `own_promise` (frameworks,): whether the promise about errors holds for that
    framework by itself, or only together with the others. `none_from`: the probability from which it says that no framework fits. `ceiling`: confidence
    never exceeds it.
    """

    temperature: float
    offsets: tuple[float, ...]
    none_weights: tuple[float, float, float]
    none_bias: float
    auto_from: tuple[float, ...]
    own_promise: tuple[bool, ...]
    none_from: float
    ceiling: float

    def probabilities(self, scores: Array, known: Array) -> tuple[Array, Array]:
        """Probabilities per framework (n, frameworks) and of none (n,); a row and its none add up to at most 1.

        `scores`: (n, frameworks); `known`: (n,) share of each text that lies in known features.
        """
        none = expit(evidence(scores, known) @ np.asarray(self.none_weights) + self.none_bias)
        within = softmax(scores / self.temperature + np.asarray(self.offsets), axis=1)
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
