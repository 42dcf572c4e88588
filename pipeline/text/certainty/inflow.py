"""What is to come differs from what was labelled; the unlabelled ideas show how.

- Which frameworks they are for: labels may be balanced where ideas aren't. Expectation maximisation (Saerens,
  Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities", 2002).
- How many fit none, and how sure the model is of those: ideas whose own framework was taken away stand in for them,
  but real ones often lie further off. So their confidence may be tilted downwards (exponential tilting) as far as
  the unlabelled ideas make that likely.
"""

import numpy as np
import numpy.typing as npt

from pipeline.text.certainty.calibration import Array
from pipeline.text.learning.temperature import Truth

# As if so many ideas per framework had been divided as the labelled ones are.
_STEADY = 10.0
_ROUNDS = 100
_SETTLED = 1e-6
_BINS = 12
# What is expected of the share that fits none before anything is seen: one in ten, worth ten ideas.
_NONE_BEFORE, _FIT_BEFORE = 1.0, 9.0
_TILTS = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0)
_TILT_EXPECTED = 2.0


def label_weights(within: Array, truth: Truth) -> Array:
    """For how many ideas to come each labelled one stands: (n,), adding up to n.

    `within`: (ideas, frameworks) probabilities of the unlabelled ideas, given that one fits; `truth`: (n,) columns
    of the labelled ideas that fit.
    """
    if not len(within) or not len(truth):
        return np.ones(len(truth))
    count = within.shape[1]
    labelled = np.maximum(np.bincount(truth, minlength=count), 0.5)
    labelled = labelled / labelled.sum()
    coming = labelled.copy()
    for _ in range(_ROUNDS):
        belongs = within * (coming / labelled)
        belongs /= np.maximum(belongs.sum(axis=1, keepdims=True), 1e-12)
        summed = belongs.sum(axis=0) + _STEADY * count * labelled
        before, coming = coming, summed / summed.sum()
        if np.abs(coming - before).max() < _SETTLED:
            break
    weight: Array = (coming / labelled)[truth]
    weight *= len(truth) / weight.sum()
    return weight


def outsiders(inside: Array, weight: Array, outside: Array, coming: Array) -> tuple[float, Array]:
    """The share of ideas to come that fit none, and for each of `outside` its share in them (adding up to 1).

    By confidences: `inside` of held-out ideas that fit, with their `weight`; `outside` of ideas that don't; `coming`
    of the unlabelled ones, by models that learned from as little, or they would look more like ideas that fit. The
    likeliest mixture of the first two under which the third came.
    """
    even = np.full(len(outside), 1 / max(len(outside), 1))
    before = _NONE_BEFORE / (_NONE_BEFORE + _FIT_BEFORE)
    if not len(inside) or not len(outside) or not len(coming):
        return before, even
    pooled = np.sort(np.concatenate([inside, outside]))
    edges = np.unique(np.quantile(pooled, np.linspace(0, 1, _BINS + 1)[1:-1]))
    bins = len(edges) + 1
    fits = _shape(np.bincount(np.searchsorted(edges, inside), weights=weight, minlength=bins))
    # The shapes are no better known than by as many ideas as were held out.
    seen = np.bincount(np.searchsorted(edges, coming), minlength=bins) * min(1, len(inside) / len(coming))
    rank = np.searchsorted(pooled, outside) / len(pooled)
    likeliest, found = -np.inf, (before, even)
    for tilt in _TILTS:
        shares = np.exp(-tilt * rank)
        shares /= shares.sum()
        fits_none = _shape(
            np.bincount(np.searchsorted(edges, outside), weights=shares * len(outside), minlength=bins)
        )
        share = before
        for _ in range(_ROUNDS):
            belongs = share * fits_none / (share * fits_none + (1 - share) * fits)
            share = float((seen @ belongs + _NONE_BEFORE) / (seen.sum() + _NONE_BEFORE + _FIT_BEFORE))
        likelihood = float(seen @ np.log(share * fits_none + (1 - share) * fits))
        likelihood += _NONE_BEFORE * np.log(share) + _FIT_BEFORE * np.log1p(-share) - tilt / _TILT_EXPECTED
        if likelihood > likeliest:
            likeliest, found = likelihood, (share, shares)
    return found


def _shape(counts: npt.NDArray[np.floating | np.integer]) -> Array:
    smoothed: Array = (counts + 1) / (counts + 1).sum()
    return smoothed
