"""From texts to weighted features: sublinear term frequency times inverse document frequency.

Words (with word pairs) and character n-grams are two blocks of equal weight, each of unit length. A feature
that the model has never met still counts for the length of its text: what is far from everything known
gets small scores everywhere, which is how the model notices that an idea may fit nothing.

A title says in few words what a text is about, so where it is asked for, what stands there counts twice (compare
fields in BM25F, Zaragoza and others, 2004).
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.text.lexical.background import shipped_counts
from pipeline.text.lexical.features import CHARACTERS, FEATURES, Hashes, Integers, Occurrences, occurrences

Floats = npt.NDArray[np.float32]

_SMOOTHING = 0.3
_CHANCE = 300
_LONGEST_TITLE = 150  # characters
_WORTH_SPREADING = 12
_PRODUCTS_AT_ONCE = 1_024
_COUNTED_AT_ONCE = 1_024  # so that memory stays the same however many there are


@dataclass(frozen=True, slots=True)
class Counted:
    """The distinct features of each text of a batch, in order of text and feature.

    `entry_of` says, for each occurrence, which entry it belongs to; parallel to the entries run the text, the
    hashed feature, how often it occurs there, how often of these in the title, and whether it is a character n-gram.
    Without entries `entry_of` is empty, and `in_title` nought.
    """

    occurrences: Occurrences
    entry_of: Integers
    text: Integers
    feature: Integers
    times: Integers
    in_title: Integers
    in_characters: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Weighted:
    """A batch of texts with weighted features.

    `values` runs parallel to the entries of `counted`, unknown features included. `column` gives the place of
    each entry among the known features, or -1. `matrix` holds the known ones: CSR float32 (texts, known
    features); a row has unit length when all its features are known, else less.
    """

    counted: Counted
    values: Floats
    column: npt.NDArray[np.int32]
    matrix: sparse.csr_matrix


def count(texts: Sequence[str], *, with_entries: bool = True) -> Counted:
    """Count every feature of every text; without entries `entry_of` stays empty, which takes half the time."""
    found = occurrences(texts)
    keys = found.token_text[found.token] * FEATURES + found.feature
    if with_entries:
        distinct, entry, times = np.unique(keys, return_inverse=True, return_counts=True)
        in_characters = np.zeros(len(distinct), dtype=np.int64)
        in_characters[entry] = found.kind == CHARACTERS
        stands_in_title = found.token_end <= _title_ends(texts)[found.token_text]
        in_title = np.bincount(entry[stands_in_title[found.token]], minlength=len(distinct))
    else:
        # Where a word and an n-gram have one feature, it counts as an n-gram: the highest of its occurrences.
        entry = np.zeros(0, dtype=np.int64)
        both = np.sort(keys * 2 + (found.kind == CHARACTERS))
        ends = np.flatnonzero(np.append(both[1:] >> 1 != both[:-1] >> 1, [True] * bool(len(both))))
        distinct, in_characters = both[ends] >> 1, both[ends] & 1
        times = np.diff(ends, prepend=-1)
        in_title = np.zeros(len(distinct), dtype=np.int64)
    return Counted(found, entry, distinct // FEATURES, distinct % FEATURES, times, in_title, in_characters)


def _title_ends(texts: Sequence[str]) -> Integers:
    """For each text, where its title ends in all of them joined: a first line that isn't long; 0 where there is none."""
    begins = np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1]
    ends = np.array([text.find("\n", 0, _LONGEST_TITLE + 1) for text in texts], dtype=np.int64)
    return np.where(ends > 0, begins + ends, 0)


class Vectoriser:
    """Fitted features with their rarity.

    `features`: ascending hashed feature numbers, int64 (known features,). `idf`: their inverse document
    frequency, float32, same shape. `unknown_idf`: the weight of a feature that was never met.
    """

    def __init__(self, features: Integers, idf: Floats, unknown_idf: float) -> None:
        self.features = features
        self.idf = idf
        self.unknown_idf = unknown_idf
        self._column = np.full(FEATURES, -1, dtype=np.int32)
        self._column[features] = np.arange(len(features), dtype=np.int32)
        self._idf = np.full(FEATURES, unknown_idf, dtype=np.float32)
        self._idf[features] = idf

    @classmethod
    def fit(cls, documents: Sequence[str], *, most: int, background: float = 0.0) -> "Vectoriser":
        """Learn the features of `documents`; of more than `most`, the most frequent are kept.

        `background`: for how many documents everyday language counts when rarity is judged (see
        `pipeline.text.lexical.background`); 0 for these documents alone.
        """
        frequency = np.zeros(FEATURES, dtype=np.int64)
        for begin in range(0, len(documents), _COUNTED_AT_ONCE):
            batch = documents[begin : begin + _COUNTED_AT_ONCE]
            frequency += np.bincount(count(batch, with_entries=False).feature, minlength=FEATURES)
        features = np.flatnonzero(frequency)
        if len(features) > most:
            # Ties are broken by feature number, so that the same documents give the same features.
            order = np.lexsort((features, -frequency[features]))
            features = np.sort(features[order[:most]])
        total = len(documents) + background + 1
        met = frequency[features].astype(np.float64)
        if background:
            # What is common here counts as common too, however rare elsewhere; in few documents that may be chance.
            local = met / (len(documents) + _CHANCE)
            met += background * np.maximum(shipped_counts().shares(features), local)
        idf = np.log(np.maximum(total / (met + 1), 1.0)) + _SMOOTHING
        unknown = float(np.float32(np.log(max(total, 4) / 2) + _SMOOTHING))
        return cls(features.astype(np.int64), idf.astype(np.float32), unknown)

    def read(self, texts: Sequence[str], *, titles: bool = False) -> Weighted:
        return self.weigh(count(texts), titles=titles)

    def rarity(self, features: Integers) -> Floats:
        """The inverse document frequency of hashed features; never met means rarest."""
        rarities: Floats = self._idf[features]
        return rarities

    def weigh(self, counted: Counted, *, titles: bool = False) -> Weighted:
        """Weigh what was counted: each of the two blocks of a text gets unit length, halved where both exist.

        `titles`: count what stands in a title once more.
        """
        texts = counted.occurrences.texts
        times = counted.times + counted.in_title if titles else counted.times
        values = (1 + np.log(times)) * self._idf[counted.feature]
        block = counted.text * 2 + counted.in_characters
        lengths = np.bincount(block, weights=values * values, minlength=2 * texts)
        blocks = np.maximum((lengths.reshape(-1, 2) > 0).sum(axis=1), 1)
        values /= np.sqrt(np.maximum(lengths, 1e-12))[block] * np.sqrt(blocks)[counted.text]
        column = self._column[counted.feature]
        known = column >= 0
        matrix = rows(counted.text[known], column[known], values[known], texts, len(self.features))
        return Weighted(
            counted=counted,
            values=values.astype(np.float32),
            column=column,
            matrix=matrix,
        )


def rows(
    text: Integers, column: npt.NDArray[np.integer], value: npt.NDArray[np.floating], texts: int, columns: int
) -> sparse.csr_matrix:
    """A CSR float32 matrix (texts, columns) of entries that are already in order of text."""
    starts = np.concatenate(([0], np.cumsum(np.bincount(text, minlength=texts))))
    return sparse.csr_matrix((value.astype(np.float32), column, starts), shape=(texts, columns))


def row_products(matrix: sparse.csr_matrix, one: Integers, other: Integers) -> npt.NDArray[np.float64]:
    """Inner products of the rows at places `one` and `other`: (pairs,).

    Quickest when many pairs in a row have the same `one`; the sums are the same to the last bit either way.
    """
    begins = np.flatnonzero(np.diff(one, prepend=-1))
    if len(one) >= _WORTH_SPREADING * max(len(begins), 1):
        return _products_of_runs(matrix, one, other, begins)
    product: npt.NDArray[np.float64] = np.asarray(
        matrix[one].multiply(matrix[other]).sum(axis=1), dtype=np.float64
    ).ravel()
    return product


def _products_of_runs(
    matrix: sparse.csr_matrix, one: Integers, other: Integers, begins: Integers
) -> npt.NDArray[np.float64]:
    """As `row_products`; at each of `begins` comes another `one`, whose row is spread over all columns once."""
    product = np.zeros(len(one))
    spread = np.zeros(matrix.shape[1], dtype=matrix.dtype)
    for first in range(0, len(one), _PRODUCTS_AT_ONCE):
        last = min(first + _PRODUCTS_AT_ONCE, len(one))
        shared = matrix[other[first:last]]
        runs = [first, *begins[(begins > first) & (begins < last)].tolist(), last]
        for begin, end in itertools.pairwise(runs):
            own = slice(matrix.indptr[one[begin]], matrix.indptr[one[begin] + 1])
            spread[matrix.indices[own]] = matrix.data[own]
            entries = slice(shared.indptr[begin - first], shared.indptr[end - first])
            shared.data[entries] *= spread[shared.indices[entries]]
            spread[matrix.indices[own]] = 0
        # Only what both have is added up, in the same order as a product of sparse rows does.
        shared.eliminate_zeros()
        some = np.flatnonzero(np.diff(shared.indptr))
        if len(some):
            product[first + some] = np.add.reduceat(shared.data, shared.indptr[some])
    return product


def shares(matrix: sparse.csr_matrix, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Of each row, the share of a unit squared length that lies in the chosen columns: (rows,), in [0, 1]."""
    squares = np.where(chosen[matrix.indices], matrix.data.astype(np.float64) ** 2, 0)
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return np.round(np.bincount(row, weights=squares, minlength=matrix.shape[0]), 6)


def hashed(features: Integers) -> Hashes:
    """Sixty-four well-mixed bits per feature number (splitmix64, Steele and others 2014)."""
    bits = (features.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Hashes = bits ^ (bits >> np.uint64(31))
    return mixed
