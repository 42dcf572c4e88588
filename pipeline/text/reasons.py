"""Which words spoke for or against a framework: exact shares of the linear score, not an approximation.

The score of a framework, seen beside the average framework, is a sum over feature occurrences. Every occurrence
stands in one word (a word pair: in two, half each), so the sum can be divided over the words without a rest.
"""

import numpy as np
import numpy.typing as npt

from pipeline.core import Reason
from pipeline.text.features import PAIR, Integers
from pipeline.text.vectoriser import Floats, Weighted

MOST_REASONS = 5
_WORTH_SAYING = 0.02

Totals = npt.NDArray[np.float64]


def token_shares(weighted: Weighted, weights: Floats, frameworks: Integers) -> Totals:
    """What every token adds to the score of the framework that its text is asked about.

    `weights`: float32 (known features, frameworks); `frameworks`: for each text, a column of `weights`.
    Returns float64 (tokens,); per text the shares add up to `matrix @ weights` at that framework.
    """
    counted = weighted.counted
    known = weighted.column >= 0
    entries = np.zeros(len(known), dtype=np.float64)
    entries[known] = weighted.values[known] * weights[weighted.column[known], frameworks[counted.text[known]]]
    entries /= counted.times
    shares = entries[counted.entry_of]
    found = counted.occurrences
    tokens = len(found.token_text)
    pair = found.kind == PAIR
    shares[pair] /= 2
    totals: Totals = np.bincount(found.token, weights=shares, minlength=tokens).astype(np.float64)
    totals += np.bincount(found.token[pair] + 1, weights=shares[pair], minlength=tokens)
    return totals


def reasons(weighted: Weighted, shares: Totals) -> list[tuple[Reason, ...]]:
    """The words of each text that weighed most, strongest first, at most MOST_REASONS each.

    A word that occurs more often is named once, with its shares added up.
    """
    found = weighted.counted.occurrences
    strength = np.abs(shares)
    order = np.lexsort((np.arange(len(shares)), -strength, found.token_text))
    sizes = np.bincount(found.token_text, minlength=found.texts)
    firsts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    rank = np.arange(len(order)) - np.repeat(firsts, sizes)
    chosen = order[(rank < 2 * MOST_REASONS) & (strength[order] > 0)]
    collected: list[dict[str, float]] = [{} for _ in range(found.texts)]
    joined = found.joined
    for text, start, end, share in zip(
        found.token_text[chosen].tolist(),
        found.token_start[chosen].tolist(),
        found.token_end[chosen].tolist(),
        shares[chosen].tolist(),
        strict=True,
    ):
        word = joined[start:end].lower()
        of_text = collected[text]
        of_text[word] = of_text.get(word, 0.0) + share
    return [_strongest(words) for words in collected]


def _strongest(words: dict[str, float]) -> tuple[Reason, ...]:
    if not words:
        return ()
    ranked = sorted(words.items(), key=lambda item: (-abs(item[1]), item[0]))[:MOST_REASONS]
    least = abs(ranked[0][1]) * _WORTH_SAYING
    return tuple(Reason(word, round(share, 4)) for word, share in ranked if abs(share) > least)
