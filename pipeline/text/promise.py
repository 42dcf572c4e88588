"""From which confidence on the model may decide alone, so that "at most 5 % wrong" holds.

The confidence is the lowest at which an upper bound on the error of all held-out ideas above it stays within the
accepted error, among sets of at least a tenth of the ideas: the error grows as confidence falls, so the bounds at
neighbouring confidences are bounds on nearly the same thing (compare conformal risk control, Angelopoulos and others,
2022, which rests on such a monotone loss). The bound is that of Clopper and Pearson (1934), one-sided, at
CERTAINTY, on ideas that fit a framework, and on top of it the ideas that fit none: how many of those to expect
is read from the unlabelled ideas (Saerens and others, "Adjusting the outputs of a classifier to new a priori
probabilities", 2002), because people label what fits.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from pipeline.text.calibration import NEVER, Array

CERTAINTY = 0.95
_ROUNDS = 100
_BINS = 12
_TOP = 10
_GIVEN_BACK = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Held-out confidences: of ideas that fit, with whether the best framework was right, and of ideas that don't.

    `outside_share`: the share of ideas to come, in [0, 1), that fit none.
    """

    confidence: Array
    right: npt.NDArray[np.bool_]
    outside: Array
    outside_share: float


def auto_threshold(held_out: HeldOut, max_error: float) -> float:
    """The lowest confidence from which deciding alone keeps the error within `max_error`; NEVER when there is none."""
    order = np.argsort(-held_out.confidence, kind="stable")
    size = len(order)
    confidence = held_out.confidence[order]
    wrong = np.cumsum(~held_out.right[order])
    count = np.arange(1, size + 1)
    bound = beta.ppf(CERTAINTY, wrong + 1, np.maximum(count - wrong, 1e-9))
    if held_out.outside_share > 0 and len(held_out.outside):
        ranked = np.sort(held_out.outside)
        passing = (len(ranked) - np.searchsorted(ranked, confidence, side="left")) / len(ranked)
        inside = (1 - held_out.outside_share) * count / size
        outside = held_out.outside_share * passing
        bound = (inside * bound + outside) / (inside + outside)
    enough = np.arange(1, size + 1) >= max(_faultless(max_error), size // _TOP)
    passed = np.flatnonzero(enough & (bound <= max_error))
    # The lowest of many confidences that pass is a lucky one: some of its ideas are given back.
    return float(confidence[int(passed[-1] * _GIVEN_BACK)]) if len(passed) else NEVER


def _faultless(max_error: float) -> int:
    """How many right decisions without one mistake it takes for the bound to come down to the accepted error."""
    return int(np.ceil(np.log(1 - CERTAINTY) / np.log(1 - max_error)))


def outside_share(inside: Array, outside: Array, unlabelled: Array) -> float:
    """The share of unlabelled ideas that fit none, in [0, 1].

    By the scores (any monotone measure of fitting) of held-out ideas that fit, of ideas that don't, and of the
    unlabelled ones: the mixture of the first two under which the third are likeliest, by expectation maximisation.
    """
    if not len(inside) or not len(outside) or not len(unlabelled):
        return 0.0
    edges = np.unique(np.quantile(np.concatenate([inside, outside]), np.linspace(0, 1, _BINS + 1)[1:-1]))
    shape_in, shape_out, seen = (
        np.bincount(np.searchsorted(edges, scores), minlength=len(edges) + 1)
        for scores in (inside, outside, unlabelled)
    )
    fits = (shape_in + 1) / (shape_in + 1).sum()
    fits_none = (shape_out + 1) / (shape_out + 1).sum()
    share = 0.1
    for _ in range(_ROUNDS):
        belongs = share * fits_none / (share * fits_none + (1 - share) * fits)
        share = float((seen * belongs).sum() / seen.sum())
    return share
