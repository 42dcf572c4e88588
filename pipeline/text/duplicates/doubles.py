"""How likely a Dutch and an English idea of one set are the same.

They stand out, or not, among what is nearest to either of them in the other's language. Copies of the other don't count
there: an idea that many had in Dutch is the double of an English one nonetheless.
"""

import numpy as np
import numpy.typing as npt

from pipeline.text.duplicates.between_languages import NEAR, differ, length
from pipeline.text.duplicates.lookup import Elsewhere, Found
from pipeline.text.duplicates.resemblance import Evidence
from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.vectoriser import Floats

Booleans = npt.NDArray[np.bool_]


def is_between(found: Found, one: Integers, column: Integers) -> Booleans:
    """Which pairs, `one` with its candidate in `column`, are a Dutch and an English idea: (pairs,)."""
    if found.elsewhere is None:
        return np.zeros(len(one), dtype=np.bool_)
    return differ(found.elsewhere.languages, one, found.other[one, column].astype(np.int64))


def between_languages(
    found: Found, one: Integers, column: Integers, other_numbers: Evidence
) -> tuple[Booleans, Evidence]:
    """Which pairs are a Dutch and an English idea, and how likely each is the same idea: (pairs,) each; 0 for the others.

    `other_numbers`: (pairs,), 1 where each names a number that the other lacks. The lead is the lesser one of both ideas.
    """
    probability = np.zeros(len(one))
    apart = is_between(found, one, column)
    if found.elsewhere is None or not apart.any():
        return apart, probability
    cosines = found.meaning[one, column][apart]
    one, other = one[apart], found.other[one, column].astype(np.int64)[apart]
    between, words = found.elsewhere.between, found.elsewhere.words
    ours, theirs = (_besides(found, found.elsewhere, *pair) for pair in ((one, other), (other, one)))
    lengths = length(words[one], words[other])
    probability[apart] = between.judge(cosines, ours, theirs, lengths, other_numbers[apart])
    return apart, probability


def _besides(found: Found, elsewhere: Elsewhere, one: Integers, other: Integers) -> Floats:
    """The highest cosines that each `one` has in the other language, but for `other` and its copies: (pairs, NEAR), NaN for
    none.
    """
    others, candidates = elsewhere.other[one], found.other[other]
    is_copy = (found.meaning[other] >= elsewhere.between.copy) & (candidates >= 0)
    copies = np.where(is_copy, candidates, other[:, None])
    left_out = (others < 0) | (others == other[:, None])
    for rank in range(others.shape[1]):
        left_out[:, rank] |= (others[:, rank, None] == copies).any(axis=1)
    cosines = np.where(left_out, -np.inf, elsewhere.cosine[one])
    nearest = -np.sort(-cosines, axis=1)[:, :NEAR]
    return np.where(np.isfinite(nearest), nearest, np.nan)
