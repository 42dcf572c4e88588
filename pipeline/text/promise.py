"""From which confidence on the model may decide alone, so that "at most 5 % wrong" holds.

The confidence is the lowest at which an upper bound on the error of all held-out ideas above it stays within the
accepted error, confidences being tried from the highest down, so that no correction for many trials is needed
(fixed-sequence testing; Angelopoulos and others, "Learn then test", 2021). The bound is that of Clopper and Pearson
(1934) on ideas that fit a framework, and on top of it the ideas that fit none: how many of those to expect
is read from the unlabelled ideas (Saerens and others, "Adjusting the outputs of a classifier to new a priori
probabilities", 2002), because people label what fits.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from pipeline.text.calibration import NEVER, Array

CERTAINTY = 0.9
_ROUNDS = 100
_BINS = 12
_TOP = 10


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
    # The sequence of tests begins where a faultless run would pass, but not before a tenth of the ideas, so that
    # one mistake among the very surest can't end it at once; it ends at the first test that fails.
    begin = max(int(np.ceil(np.log(1 - CERTAINTY) / np.log(1 - max_error))), size // _TOP)
    if size < begin:
        return NEVER
    passed = bound[begin - 1 :] <= max_error
    length = len(passed) if passed.all() else int(np.argmin(passed))
    return float(confidence[begin - 1 + length - 1]) if length else NEVER


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
