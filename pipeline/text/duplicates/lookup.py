"""Finds, within one closed set of ideas, for each the others that are most like it.

For files: everything is there at once, so rarity comes from all rows. Two searches are merged: one by words and
character n-grams, in which features that very many ideas have are left out (they say little and cost most), and an
exact one by the encoder's vectors, among all and among those in the other language. What either finds is then measured
in full (see `pipeline.text.duplicates.likeness`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.text.duplicates.between_languages import BOTH, BetweenLanguages, Languages
from pipeline.text.duplicates.likeness import LIKENESS_DECIMALS, Described, Likenesses, likeness, meanings
from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.sparse_rows import SparseRows
from pipeline.text.lexical.vectoriser import Floats

BY_WORDS, BY_MEANING = 80, 50
BY_MEANING_ELSEWHERE = 10  # among those in the other language
_BLOCK_VALUES = 4_000_000
_COMMON_FROM = 1_000
_MARGIN = 1e-5
_TURNED_AT_ONCE = 1_024
_PAIRS_AT_ONCE = 4_096


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """For each idea its candidates, most alike first; rows that are short end in -1 with likeness 0.

    `other`: int32 (ideas, candidates), places in the set. `likeness`: float32, same shape. `meaning`: float32, same shape,
    the cosine of the encoder's vectors, (ideas, 0) without one. `elsewhere`: None where all are in one language, or the
    encoder knows one.
    """

    other: npt.NDArray[np.int32]
    likeness: Floats
    meaning: Floats
    elsewhere: "Elsewhere | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Elsewhere:
    """What is nearest to each idea in the other language by the encoder, best first: `other`, int32 (ideas, BY_MEANING_ELSEWHERE),
    -1 for none, and `cosine`, float32, same shape. `languages`, `words` and `between`: as in `Described`.
    """

    other: npt.NDArray[np.int32]
    cosine: Floats
    languages: Languages
    words: Integers
    between: BetweenLanguages


def look_up(described: Described, most: int, progress: Callable[[int], None] = lambda _: None) -> Found:
    """For each idea up to `most` others, by likeness; of equals the earlier first.

    `progress` is called with the number of ideas done. Memory grows with the number of ideas, never with its square.
    """
    count = len(described)
    others = np.full((count, most), -1, dtype=np.int32)
    figures = np.zeros((count, most), dtype=np.float32)
    meaning = np.zeros((count, most if described.vectors.shape[1] else 0), dtype=np.float32)
    elsewhere = _elsewhere(described)
    worded = described.wholes.sizes() > 0
    frequency = _frequency(described.wholes)
    # The columns that find: neither in very many ideas nor in one alone.
    columns = np.flatnonzero((frequency > 1) & (frequency <= _COMMON_FROM))
    transposed = _transposed(described.wholes, columns, frequency[columns])
    block = max(1, min(1_024, _BLOCK_VALUES // max(count, 1)))
    for begin in range(0, count, block):
        end = min(begin + block, count)
        one, other = _by_words(described.wholes.take(np.arange(begin, end))[:, columns] @ transposed, begin)
        if described.vectors.shape[1]:
            ones, near = _by_meaning(described, begin, end, elsewhere)
            one, other = np.concatenate([one, ones]), np.concatenate([other, near])
        keys = np.unique(one * count + other)
        one, other = keys // count, keys % count
        figure = _known(others, figures, one, other)
        fresh = np.isnan(figure)
        figure[fresh] = likeness(described, one[fresh], other[fresh])
        # A text without a word is like nothing, whatever an encoder makes of it.
        likely = (figure > 0) & worded[one] & worded[other]
        one, other, figure = one[likely], other[likely], figure[likely]
        order = np.lexsort((other, -figure, one))
        one, other, figure = one[order], other[order], figure[order]
        rank = np.arange(len(one)) - np.searchsorted(one, one)
        kept = rank < most
        others[one[kept], rank[kept]] = other[kept]
        figures[one[kept], rank[kept]] = figure[kept]
        if meaning.shape[1]:
            meaning[one[kept], rank[kept]] = meanings(described, one[kept], other[kept])
        progress(end)
    return Found(others, figures, meaning, elsewhere)


def _elsewhere(described: Described) -> Elsewhere | None:
    """Room for what is nearest in the other language."""
    if described.between is None or len(np.unique(described.languages[described.languages >= 0])) < len(BOTH):
        return None
    shape = len(described), BY_MEANING_ELSEWHERE
    return Elsewhere(
        np.full(shape, -1, dtype=np.int32),
        np.zeros(shape, dtype=np.float32),
        described.languages,
        described.words,
        described.between,
    )


def known_before(others: npt.NDArray[np.int32], one: Integers, other: Integers) -> tuple[Integers, Integers]:
    """Of pairs (pairs,), those of which `other` comes earlier and has `one` among its candidates `others`: their places, and in
    which column of `other` it stands. What is said of these is known from that side.
    """
    back = np.flatnonzero(other < one)
    pair, column = np.nonzero(others[other[back]] == one[back, None])
    return back[pair], column


def _known(others: npt.NDArray[np.int32], figures: Floats, one: Integers, other: Integers) -> Likenesses:
    """The likeness of pairs that was found from the other side: (pairs,), NaN where it wasn't, or was too low to keep."""
    known = np.full(len(one), np.nan)
    for begin in range(0, len(one), _PAIRS_AT_ONCE):
        span = slice(begin, begin + _PAIRS_AT_ONCE)
        pair, column = known_before(others, one[span], other[span])
        known[begin + pair] = figures[other[begin + pair], column]
    shown: Likenesses = np.round(known, LIKENESS_DECIMALS)
    return shown


def _frequency(rows: SparseRows) -> Integers:
    """In how many rows each column occurs: (columns,)."""
    frequency = np.zeros(rows.columns, dtype=np.int64)
    for begin in range(0, len(rows), _TURNED_AT_ONCE):
        part = rows.take(np.arange(begin, min(begin + _TURNED_AT_ONCE, len(rows))))
        frequency += np.bincount(part.indices, minlength=rows.columns)
    return frequency


def _transposed(rows: SparseRows, columns: Integers, frequency: Integers) -> sparse.csr_matrix:
    """These columns of `rows`, turned: CSR (columns, rows), made some rows at a time.

    `frequency`: in how many rows each of these columns occurs.
    """
    starts = np.concatenate([[0], np.cumsum(frequency)])
    indices, data = np.empty(starts[-1], dtype=np.int32), np.empty(starts[-1], dtype=np.float32)
    filled = starts[:-1].copy()
    for begin in range(0, len(rows), _TURNED_AT_ONCE):
        part = rows.take(np.arange(begin, min(begin + _TURNED_AT_ONCE, len(rows))))[:, columns].tocsc()
        sizes = np.diff(part.indptr)
        places = np.repeat(filled - part.indptr[:-1], sizes) + np.arange(part.nnz)
        indices[places], data[places] = part.indices + begin, part.data
        filled += sizes
    return sparse.csr_matrix((data, indices, starts), shape=(len(columns), len(rows)))


def _by_words(near: sparse.csr_matrix, begin: int) -> tuple[Integers, Integers]:
    ones: list[Integers] = [np.zeros(0, dtype=np.int64)]
    others: list[Integers] = [np.zeros(0, dtype=np.int64)]
    for place in range(near.shape[0]):
        span = slice(near.indptr[place], near.indptr[place + 1])
        other = _best(near.indices[span], near.data[span], begin + place, BY_WORDS)
        ones.append(np.full(len(other), begin + place, dtype=np.int64))
        others.append(other)
    return np.concatenate(ones), np.concatenate(others)


def _by_meaning(
    described: Described, begin: int, end: int, elsewhere: Elsewhere | None
) -> tuple[Integers, Integers]:
    """The nearest of each idea from `begin` to `end` by the encoder, and the nearest in the other language, which are kept
    in `elsewhere` as well.
    """
    cosines = described.vectors[begin:end] @ described.vectors.T
    everything = np.arange(cosines.shape[1])
    found = [_nearest(cosines, everything[begin:end], everything, BY_MEANING)]
    if elsewhere is None:
        return found[0]
    for language in range(len(BOTH)):
        here = np.flatnonzero(described.languages[begin:end] == language)
        there = np.flatnonzero(described.languages == 1 - language)
        one, other = _nearest(cosines[np.ix_(here, there)], here + begin, there, BY_MEANING_ELSEWHERE)
        rank = np.arange(len(one)) - np.searchsorted(one, one)
        elsewhere.other[one, rank] = other
        elsewhere.cosine[one, rank] = np.round(cosines[one - begin, other], 6)
        found.append((one, other))
    ones, others = zip(*found, strict=True)
    return np.concatenate(ones), np.concatenate(others)


def _nearest(cosines: Floats, own: Integers, places: Integers, most: int) -> tuple[Integers, Integers]:
    """Of each row, the idea at place `own`, the `most` columns with the highest cosines, those ideas at `places`."""
    count = cosines.shape[1]
    lowest = np.full(len(cosines), -np.inf, dtype=np.float32)
    # Somewhat more than asked by an estimate from every sixteenth, so that few values need ranking.
    sample = cosines[:, ::16]
    kept = (most + 1) // 16 + 4
    if sample.shape[1] > 4 * kept:
        lowest = np.partition(sample, sample.shape[1] - kept, axis=1)[:, sample.shape[1] - kept]
    ones: list[Integers] = [np.zeros(0, dtype=np.int64)]
    others: list[Integers] = [np.zeros(0, dtype=np.int64)]
    for row, least, place in zip(cosines, lowest, own.tolist(), strict=True):
        chosen = np.flatnonzero(row >= least)
        if len(chosen) <= most:
            chosen = np.arange(count)
        best = _best(places[chosen], row[chosen], place, most)
        ones.append(np.full(len(best), place, dtype=np.int64))
        others.append(best)
    return np.concatenate(ones), np.concatenate(others)


def _best(other: npt.NDArray[np.integer], cosine: Floats, own: int, most: int) -> Integers:
    keep = other != own
    other, cosine = other[keep].astype(np.int64), np.round(cosine[keep], 6)
    if len(other) > most:
        lowest = np.partition(cosine, len(cosine) - most)[len(cosine) - most]
        chosen = np.flatnonzero(cosine >= lowest - _MARGIN)
        other, cosine = other[chosen], cosine[chosen]
    order = np.lexsort((other, -cosine))[:most]
    best: Integers = other[order].astype(np.int64)
    return best
