"""Finds, within one closed set of ideas, for each the others that share most of its rare words and n-grams.

For files: everything is there at once, so rarity comes from all rows, and the search is exact over words and
character n-grams together. Features that a large part of a large set has in common say little and cost most;
they're left out of the search, which keeps the time per idea nearly flat.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.core import IdeaText
from pipeline.text.features import FEATURES, Integers
from pipeline.text.vectoriser import Floats, Vectoriser

_MOST_FEATURES = 1_000_000
_READ_AT_ONCE = 4_096
_BLOCK_VALUES = 4_000_000
_COMMON_FROM = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Parallel arrays of pairs, by idea, best first: places in the set, and their lexical cosine."""

    one: Integers
    other: Integers
    cosine: npt.NDArray[np.float64]


def vectorise(ideas: Sequence[IdeaText]) -> tuple[Vectoriser, sparse.csr_matrix]:
    """Fit on all ideas and weigh them, a few thousand at a time."""
    texts = [idea.whole for idea in ideas]
    vectoriser = Vectoriser.fit(texts, most=min(_MOST_FEATURES, FEATURES))
    parts = [
        vectoriser.read(texts[begin : begin + _READ_AT_ONCE]).matrix
        for begin in range(0, len(texts), _READ_AT_ONCE)
    ]
    return vectoriser, sparse.vstack(parts).tocsr()


def look_up(matrix: sparse.csr_matrix, most: int, progress: Callable[[int], None] = lambda _: None) -> Found:
    """For each row the `most` other rows of highest cosine; ties go to the earlier row.

    `progress` is called with the number of rows done. Memory stays bounded whatever the number of rows.
    """
    count = matrix.shape[0]
    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    searched = matrix[:, np.flatnonzero(frequency <= max(_COMMON_FROM, count // 50))]
    searched = searched[:, np.flatnonzero(np.bincount(searched.indices, minlength=searched.shape[1]) > 1)]
    searched = searched.tocsr()
    transposed = searched.T.tocsr()
    block = max(1, _BLOCK_VALUES // max(count, 1))
    # One empty array each, so that there is something to join when there are no rows.
    ones: list[Integers] = [np.zeros(0, dtype=np.int64)]
    others: list[Integers] = [np.zeros(0, dtype=np.int64)]
    cosines: list[Floats] = [np.zeros(0, dtype=np.float32)]
    for begin in range(0, count, block):
        near = (searched[begin : begin + block] @ transposed).tocsr()
        for place in range(near.shape[0]):
            span = slice(near.indptr[place], near.indptr[place + 1])
            row = begin + place
            other, cosine = _best(near.indices[span], near.data[span], row, most)
            ones.append(np.full(len(other), row, dtype=np.int64))
            others.append(other)
            cosines.append(cosine)
        progress(min(begin + block, count))
    return Found(np.concatenate(ones), np.concatenate(others), np.concatenate(cosines).astype(np.float64))


def _best(other: Integers, cosine: Floats, own: int, most: int) -> tuple[Integers, Floats]:
    keep = other != own
    other, cosine = other[keep].astype(np.int64), np.round(cosine[keep], 6)
    if len(other) > most:
        lowest = np.partition(cosine, len(cosine) - most)[len(cosine) - most]
        chosen = np.flatnonzero(cosine >= lowest)
        other, cosine = other[chosen], cosine[chosen]
    order = np.lexsort((other, -cosine))[:most]
    return other[order], cosine[order]
