"""Finds earlier ideas by the rare words that they share: the lexical side of the search for twins.

An idea is known by its rarest words. Which those are is told by the background counts and by the text alone, never by a
text model, so they stay valid when the model is replaced. How much a shared word weighs is told by the number of
ideas that have it and came before the one that is asked for (inverse document frequency; Spärck Jones, 1972): the
answer depends on the order of arrival and on nothing else.
"""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.text.lexical.background import shipped_counts
from pipeline.text.lexical.features import FEATURES, WORD, Integers, Occurrences
from pipeline.text.lexical.vectoriser import hashed

MOST_WORDS = 24
# Of sentences: what is in more than one of a hundred tells nothing.
COMMON_SHARE = 0.01
# Beside how rare and how often: words near the beginning, where people say what it is about.
_BEGINNING, _LATER = 100, 0.02
_NEVER_MET = 1e-6
# Earlier ideas that are looked at for one: what keeps the time per idea flat, however many there are.
MOST_MET = 1_500
# A candidate shares at least two words, or one that makes up so much of what the idea has.
_FEWEST, _LEAST_SHARE = 2, 0.25
_DECIMALS = 6
_KEY_BITS = 40
_RECENT = 65_536

Scores = npt.NDArray[np.float64]


def rare_words(found: Occurrences) -> list[Integers]:
    """For each text its rarest words, as hashed features, ascending; at most MOST_WORDS, maybe none."""
    of_words = found.kind == WORD
    token = found.token[of_words]
    keys, first, times = np.unique(
        found.token_text[token] * FEATURES + found.feature[of_words], return_index=True, return_counts=True
    )
    text, feature = keys // FEATURES, keys % FEATURES
    shares = shipped_counts().shares(feature)
    place = token[first] - np.searchsorted(found.token_text, text)
    telling = -np.log(np.maximum(shares, _NEVER_MET)) * (1 + np.log(times))
    telling = np.round(telling - _LATER * np.minimum(place, _BEGINNING), _DECIMALS)
    order = np.lexsort((hashed(feature), -telling, text))
    order = order[shares[order] <= COMMON_SHARE]
    ranked = text[order]
    order = np.sort(order[np.arange(len(order)) - np.searchsorted(ranked, ranked) < MOST_WORDS])
    bounds = np.searchsorted(text[order], np.arange(1, found.texts))
    return np.split(feature[order], bounds) if found.texts else []


class RareIndex:
    """Which ideas have which rare words: pairs of word and key in order, 8 bytes each.

    New pairs go to a short list of their own, so that adding a few doesn't move millions.
    """

    def __init__(self) -> None:
        self._settled = np.zeros(0, dtype=np.int64)
        self._recent = np.zeros(0, dtype=np.int64)
        self._keys = np.zeros(0, dtype=np.int64)
        self._sizes = np.zeros(0, dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return self._settled.nbytes + self._recent.nbytes + self._keys.nbytes + self._sizes.nbytes

    def add(self, keys: Integers, words: Sequence[Integers]) -> None:
        """Add ideas with their rare words; keys are ascending and above all that were added before."""
        if not len(keys):
            return
        sizes = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
        pairs = np.concatenate(words).astype(np.int64) << _KEY_BITS | np.repeat(keys, sizes)
        self._keys = np.concatenate([self._keys, keys])
        self._sizes = np.concatenate([self._sizes, sizes.astype(np.uint8)])
        # Both are in order already, which this way of sorting makes use of.
        self._recent = np.sort(np.concatenate([self._recent, np.sort(pairs)]), kind="stable")
        if len(self._recent) > _RECENT + len(self._settled) // 8:
            self._settled = np.sort(np.concatenate([self._settled, self._recent]), kind="stable")
            self._recent = np.zeros(0, dtype=np.int64)

    def discard(self, keys: Collection[int]) -> None:
        """Take out what these keys have, if they have anything."""
        gone = np.fromiter(keys, dtype=np.int64, count=len(keys))
        mask = (1 << _KEY_BITS) - 1
        self._settled = self._settled[~np.isin(self._settled & mask, gone)]
        self._recent = self._recent[~np.isin(self._recent & mask, gone)]
        kept = ~np.isin(self._keys, gone)
        self._keys, self._sizes = self._keys[kept], self._sizes[kept]

    def search(self, words: Sequence[Integers], k: int, *, before: Integers) -> list[list[int]]:
        """For each idea, by its rare words, the keys of at most `k` earlier ones that share most of them.

        `before`: one key per idea; only lower keys are returned. Best first, then earliest.
        """
        found: list[list[int]] = [[] for _ in words]
        sizes = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
        if k < 1 or not len(self._keys) or not sizes.sum():
            return found
        idea = np.repeat(np.arange(len(words)), sizes)
        lowest = np.concatenate(words).astype(np.int64) << _KEY_BITS
        spans = [
            (pairs, np.searchsorted(pairs, lowest), np.searchsorted(pairs, lowest | before[idea]))
            for pairs in (self._settled, self._recent)
        ]
        met = np.sum([end - begin for _, begin, end in spans], axis=0)
        # Rarest first, and then the word itself, until enough ideas were met.
        order = np.lexsort((lowest, met, idea))
        earlier = np.searchsorted(self._keys, before)
        weight = np.log1p(earlier[idea] / np.maximum(met, 1))
        own = np.bincount(idea, weights=weight, minlength=len(words)).astype(np.float64)
        counted = np.cumsum(met[order])
        counted -= np.repeat(counted[_starts(sizes)] - met[order][_starts(sizes)], sizes[sizes > 0])
        order = order[(counted <= MOST_MET) & (met[order] > 0)]
        asked: list[Integers] = []
        key: list[Integers] = []
        share: list[Scores] = []
        for pairs, begin, end in spans:
            length = (end - begin)[order]
            entries = np.repeat(begin[order] - np.cumsum(length) + length, length) + np.arange(length.sum())
            asked.append(np.repeat(idea[order], length))
            key.append(pairs[entries] & ((1 << _KEY_BITS) - 1))
            share.append(np.repeat(weight[order], length))
        shared: Scores = np.concatenate(share)
        return self._best(np.concatenate(asked), np.concatenate(key), shared, own, k, found)

    def _best(
        self, asked: Integers, key: Integers, share: Scores, own: Scores, k: int, found: list[list[int]]
    ) -> list[list[int]]:
        """Add up what each earlier idea shares, `share` by the places `asked` and `key`, and take the best."""
        if not len(asked):
            return found
        # By weight as well, so that sums don't depend on which of the two lists a pair stands in.
        order = np.lexsort((-share, key, asked))
        asked, key, share = asked[order], key[order], share[order]
        begins = np.flatnonzero(np.append(True, (asked[1:] != asked[:-1]) | (key[1:] != key[:-1])))
        shared = np.add.reduceat(share, begins)
        times = np.diff(np.append(begins, len(asked)))
        asked, key = asked[begins], key[begins]
        # A long idea has more words to share: without this it would come before its betters.
        size = self._sizes[np.searchsorted(self._keys, key)]
        score = np.round(shared / np.sqrt(size), _DECIMALS)
        enough = (times >= _FEWEST) | (np.round(shared, _DECIMALS) >= _LEAST_SHARE * own[asked])
        asked, key, score = asked[enough], key[enough], score[enough]
        order = np.lexsort((key, -score, asked))
        asked, key = asked[order], key[order]
        ranked = np.arange(len(asked)) - np.searchsorted(asked, asked) < k
        for place, each in zip(asked[ranked].tolist(), key[ranked].tolist(), strict=True):
            found[place].append(each)
        return found


def _starts(sizes: Integers) -> Integers:
    """Where those begin that have any, of so many in a row."""
    return (np.cumsum(sizes) - sizes)[sizes > 0]
