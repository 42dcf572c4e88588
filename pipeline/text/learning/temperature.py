"""How well scores predict, at the temperature that suits them best: what learning chooses by, and calibration starts from
(Guo and others, "On calibration of modern neural networks", ICML 2017).
"""

import numpy as np
import numpy.typing as npt
from scipy.special import log_softmax

from pipeline.text.learning.grams import Array

Truth = npt.NDArray[np.int64]

TEMPERATURES = np.geomspace(0.02, 2.0, 60)


def temperature(scores: Array, truth: Truth) -> tuple[float, float]:
    """The temperature with the least log loss on held-out scores, and that loss; `truth`: (n,) columns."""
    places = np.arange(len(truth))
    losses = [-log_softmax(scores / value, axis=1)[places, truth].mean() for value in TEMPERATURES]
    best = int(np.argmin(losses))
    return float(TEMPERATURES[best]), float(losses[best])


def held_out_losses(scores: Array, truth: Truth) -> Array:
    """Log loss of each idea that fits, by held-out scores at the temperature that suits them best."""
    fits = truth >= 0
    if not fits.any():
        return np.zeros(1)
    scale, _ = temperature(scores[fits], truth[fits])
    logs = log_softmax(scores[fits] / scale, axis=1)
    losses: Array = -logs[np.arange(len(logs)), truth[fits]]
    return losses
