"""How well the words of one idea are found in another: each by the one there that is nearest to it.

As the late interaction of ColBERT (Khattab and Zaharia, 2020), with one row of numbers a word instead of a large model.
It sees what one vector for a whole text blurs: that each thing the one names has its counterpart in the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipeline.text.duplicates.idea_words import IdeaWords
from pipeline.text.duplicates.lookup import known_before
from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.vectoriser import Floats

# So many digits are the same however many others are compared at the same time.
_DECIMALS = 5
_REPORTED_EVERY = 256


@dataclass(frozen=True, eq=False)
class Alignment:
    """Of each idea and its candidates, in [-1, 1] and the same from both sides: `wholes`, how well the words of each are found
    in the other, by rarity; `titles`, how well those of each title are found in all of the other. Float32 (ideas,
    candidates) both; NaN where there is no candidate, no word, or for `titles` no title on one side.
    """

    wholes: Floats
    titles: Floats

    @cached_property
    def usual(self) -> tuple[float, float]:
        """The means of `wholes` and of `titles`; 0 where nothing was aligned. Any two texts have something in common, so this
        much says nothing.
        """
        wholes, titles = (
            float(figures.mean(dtype=np.float64, where=known))
            if (known := np.isfinite(figures)).any()
            else 0.0
            for figures in (self.wholes, self.titles)
        )
        return wholes, titles


def align(
    words: IdeaWords, others: npt.NDArray[np.int32], progress: Callable[[int], None] = lambda _: None
) -> Alignment:
    """Align each idea with its candidates, `others` (ideas, candidates), -1 for none. `progress` gets the number of ideas
    done.
    """
    found = Alignment(*(np.full(others.shape, np.nan, dtype=np.float32) for _ in range(2)))
    sizes = words.sizes()
    for idea in range(len(words)):
        if sizes[idea]:
            row = others[idea].astype(np.int64)
            fresh = np.flatnonzero((row >= 0) & (sizes[row] > 0))
            known, column = known_before(others, np.full(len(fresh), idea), row[fresh])
            twice, before = fresh[known], row[fresh[known]]
            found.wholes[idea, twice] = found.wholes[before, column]
            found.titles[idea, twice] = found.titles[before, column]
            fresh = np.setdiff1d(fresh, twice, assume_unique=True)
            if len(fresh):
                found.wholes[idea, fresh], found.titles[idea, fresh] = _aligned(words, idea, row[fresh])
        if (idea + 1) % _REPORTED_EVERY == 0 or idea + 1 == len(words):
            progress(idea + 1)
    return found


def _aligned(words: IdeaWords, one: int, others: Integers) -> tuple[Floats, Floats]:
    """As `Alignment`, of `one` with each of `others`, all of which have words: (others,) each."""
    ours, theirs = words.of(one), np.concatenate([words.of(other) for other in others.tolist()])
    sizes = words.sizes()[others]
    begins = np.cumsum(sizes) - sizes
    cosines = words.rows[ours] @ words.rows[theirs].T
    nearest_to_ours = np.maximum.reduceat(cosines, begins, axis=1).astype(np.float64)
    nearest_to_theirs = cosines.max(axis=0).astype(np.float64)
    weight, weights = words.rarity[ours], words.rarity[theirs]
    whole = (weight @ nearest_to_ours) / weight.sum()
    wholes = np.add.reduceat(weights * nearest_to_theirs, begins) / np.add.reduceat(weights, begins)
    titled = words.titles[one]
    if not titled:
        return _mean(whole, wholes), np.full(len(others), np.nan, dtype=np.float32)
    title = (weight[:titled] @ nearest_to_ours[:titled]) / weight[:titled].sum()
    in_title = np.arange(len(theirs)) - np.repeat(begins, sizes) < np.repeat(words.titles[others], sizes)
    weights = np.where(in_title, weights, 0.0)
    total = np.add.reduceat(weights, begins)
    total[total == 0] = np.nan
    titles = np.add.reduceat(weights * nearest_to_theirs, begins) / total
    return _mean(whole, wholes), _mean(title, titles)


def _mean(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> Floats:
    mean: Floats = np.round(np.clip((one + other) / 2, -1, 1), _DECIMALS).astype(np.float32)
    return mean
