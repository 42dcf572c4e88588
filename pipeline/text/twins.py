"""The likely twins of every idea in a closed set: searched by words, then compared closely."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from pipeline.core import IdeaText, Sameness
from pipeline.text.features import Integers
from pipeline.text.lookup import look_up, vectorise
from pipeline.text.pairs import PairModel
from pipeline.text.resemblance import Evidence

_COMPARED = 30
_AT_ONCE = 8_192
# Beside the probability of the pair model the lexical cosine counts for the order, by this much. Measured on
# reports that people marked as duplicates: the two together rank better than either alone.
_COSINE_SHARE = 10.0
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Twin:
    """One row: `idea` may be the same as `duplicate_of`, with a probability in [0, 1].

    The probability is that of the pair as it stands among the idea's other candidates: see `descending`. Seen from
    the other idea it may differ.
    """

    idea: str
    duplicate_of: str
    probability: float
    same: bool


def find_twins(
    ideas: Sequence[IdeaText], top: int, progress: Callable[[int], None] = lambda _: None
) -> list[Twin]:
    """Up to `top` twins for each idea, best first and never with a rising probability, in the order of `ideas`.

    Whatever shares a rare word or n-gram may be listed, with its low probability: a person who looks for
    twins is better served by a candidate too many than by one too few. Those the pair model calls
    the same come first; among the others the words decide along with it.
    """
    if len(ideas) < 2:
        return []
    vectoriser, matrix = vectorise(ideas)
    found = look_up(matrix, max(_COMPARED, top), progress)
    model = PairModel(vectoriser)
    twins: list[Twin] = []
    bounds = np.searchsorted(found.one, np.arange(0, len(ideas) + 1))
    step = max(1, _AT_ONCE // max(_COMPARED, top))
    for begin in range(0, len(ideas), step):
        end = min(begin + step, len(ideas))
        span = slice(bounds[begin], bounds[end])
        one, other, cosine = found.one[span], found.other[span], found.cosine[span]
        pairs = [(ideas[a], ideas[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
        probability = model.probabilities(pairs, np.maximum(cosine, 1e-9), least_cosine=0.0)
        same = np.array(
            [model.sameness(value) is Sameness.SAME for value in probability.tolist()], dtype=np.bool_
        )
        order = np.lexsort((other, -(probability + _COSINE_SHARE * cosine), ~same, one))
        ranked = one[order]
        rank = np.arange(len(order)) - np.searchsorted(ranked, ranked)
        chosen = order[rank < top]
        told = descending(probability[chosen], one[chosen])
        twins.extend(
            Twin(ideas[one[place]].id, ideas[other[place]].id, score, bool(same[place]))
            for place, score in zip(chosen.tolist(), told.tolist(), strict=True)
        )
    return twins


def descending(probability: Evidence, one: Integers) -> Evidence:
    """Probabilities (pairs,) that never rise within the rows of one idea; `one`: (pairs,), never falling.

    Rows are in the better order, that of all evidence together. Where the pair model alone contradicts it, the rows
    concerned share their mean: the nearest probabilities that agree with the order (isotonic regression, by pooling
    adjacent violators; Ayer et al. 1955). Measured on pairs that people marked, these are better calibrated
    than the pair model's own, and sorting by the latter instead would lose three in ten of those found in first place.
    """
    # Each idea begins below the one before, so that no rows of two ideas are pooled.
    below = 2.0 * one
    told = np.asarray(isotonic_regression(probability - below, increasing=False).x, dtype=np.float64) + below
    return np.round(np.clip(told, 0.0, 1.0), _DECIMALS)
