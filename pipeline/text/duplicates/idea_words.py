"""The words that tell most in each idea of a closed set, with a row of numbers for each distinct word.

Words that mean the same, or are spelled nearly the same, have rows that lie near to each other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.core import IdeaText
from pipeline.text.encoders.builtin import load_builtin
from pipeline.text.encoders.cache import without_cache
from pipeline.text.encoders.encoder import Encoder, one_row_a_word
from pipeline.text.encoders.rows import unit_rows
from pipeline.text.lexical.features import Integers, Words, find_words, hashed_words
from pipeline.text.lexical.vectoriser import Counted, Floats, Vectoriser, count
from pipeline.text.vectors.space import VectorSpace

MOST_WORDS = 100
# Of a row of 256 numbers the first half finds as well, and takes half the time and memory.
DIMENSIONS = 128
_READ_AT_ONCE = 1_024
_ROWS_AT_ONCE = 2_048  # while they are made, a row takes ten times its place

RowsOf = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class IdeaWords:
    """Of each idea at most MOST_WORDS distinct words, those of its title first, then the rarest.

    `rows`: float32 (distinct words, DIMENSIONS), of unit length; `rarity`: (distinct words,). `word`: the places of words
    among those, of all ideas one after the other; `starts`: where each idea begins, and one past the last; `titles`: how
    many words of each stand in its title, (ideas,).
    """

    rows: Floats
    rarity: npt.NDArray[np.float64]
    word: npt.NDArray[np.int32]
    starts: Integers
    titles: Integers

    def __len__(self) -> int:
        return len(self.titles)

    def sizes(self) -> Integers:
        """How many words each idea has: (ideas,)."""
        return np.diff(self.starts)

    def of(self, idea: int) -> npt.NDArray[np.int32]:
        return self.word[self.starts[idea] : self.starts[idea + 1]]


def read_words(ideas: Sequence[IdeaText], vectoriser: Vectoriser, encoder: Encoder | None) -> IdeaWords:
    """Some 600 bytes for each distinct word, for a moment twice as much, and 4 for each word of an idea.

    The rows are those of the encoder where it has one a word, else those of Kader's own encoder. Without an encoder, and for
    what it doesn't know, they are made of the character n-grams of a word.
    """
    rows_of = _rows_of(vectoriser, encoder)
    place: dict[int, int] = {}
    rows: list[Floats] = []
    rarity: list[npt.NDArray[np.float64]] = []
    chosen: list[npt.NDArray[np.int32]] = []
    sizes, titles = np.zeros(len(ideas), dtype=np.int64), np.zeros(len(ideas), dtype=np.int64)
    for begin in range(0, len(ideas), _READ_AT_ONCE):
        some = ideas[begin : begin + _READ_AT_ONCE]
        texts = [idea.whole for idea in some]
        found = find_words(texts)
        weights = vectoriser.rarity(hashed_words(found)).astype(np.float64)
        starts = np.cumsum([0, *(len(text) + 1 for text in texts)])[:-1]
        ends = starts + np.array([len(idea.title) for idea in some])
        in_title = found.end <= ends[found.text]
        kept = _telling(found, weights, in_title)
        hashes, first, word = np.unique(found.hashes[kept], return_index=True, return_inverse=True)
        new = kept[first[[each not in place for each in hashes.tolist()]]]
        spans = zip(found.start[new].tolist(), found.end[new].tolist(), strict=True)
        # One spelling for all, so that the row doesn't depend on who comes first.
        spelled = [found.joined[start:end].casefold() for start, end in spans]
        rows += [
            rows_of(spelled[part : part + _ROWS_AT_ONCE]) for part in range(0, len(spelled), _ROWS_AT_ONCE)
        ]
        rarity.append(weights[new])
        for each in found.hashes[new].tolist():
            place[each] = len(place)
        chosen.append(np.array([place[each] for each in hashes.tolist()], dtype=np.int32)[word])
        span = slice(begin, begin + len(some))
        sizes[span] = np.bincount(found.text[kept], minlength=len(some))
        titles[span] = np.bincount(found.text[kept][in_title[kept]], minlength=len(some))
    return IdeaWords(
        np.concatenate([np.zeros((0, DIMENSIONS), dtype=np.float32), *rows]),
        np.concatenate([np.zeros(0), *rarity]),
        np.concatenate([np.zeros(0, dtype=np.int32), *chosen]),
        np.concatenate([[0], np.cumsum(sizes)]),
        titles,
    )


def _rows_of(vectoriser: Vectoriser, encoder: Encoder | None) -> RowsOf:
    space = VectorSpace.fit([], vectoriser, seed=0)

    def spelled(words: Sequence[str]) -> Floats:
        return _shortened(space.place(_ngrams(words)))

    if encoder is None:
        return spelled
    by_word = without_cache(encoder) if one_row_a_word(encoder.name) else load_builtin()

    def meant(words: Sequence[str]) -> Floats:
        rows = np.zeros((len(words), DIMENSIONS), dtype=np.float32)
        encoded = _shortened(by_word.encode(words))
        rows[:, : encoded.shape[1]] = encoded
        # The first axis stands for what it makes nothing of (see `unit_rows`); such words aren't alike for that.
        unknown = np.flatnonzero(rows[:, 0] >= 1)
        if len(unknown):
            rows[unknown] = spelled([words[place] for place in unknown.tolist()])
        return rows

    return meant


def _ngrams(words: Sequence[str]) -> Counted:
    """The character n-grams of words, without the words themselves, which would count for as much as all of them."""
    counted = count(words, with_entries=False)
    kept = counted.in_characters == 1
    return replace(
        counted,
        text=counted.text[kept],
        feature=counted.feature[kept],
        times=counted.times[kept],
        in_title=counted.in_title[kept],
        in_characters=counted.in_characters[kept],
    )


def _shortened(rows: Floats) -> Floats:
    return unit_rows(rows[:, :DIMENSIONS].astype(np.float64))


def _telling(found: Words, rarity: npt.NDArray[np.float64], in_title: npt.NDArray[np.bool_]) -> Integers:
    """Which words to keep, text by text: each once, those in the title first, then the rarest, then the first."""
    place = np.arange(len(found.hashes))
    order = np.lexsort((place, found.hashes, found.text))
    repeated = np.zeros(len(order), dtype=np.bool_)
    repeated[1:] = (np.diff(found.text[order]) == 0) & (np.diff(found.hashes[order]) == 0)
    once = order[~repeated]
    ranked = once[np.lexsort((once, -rarity[once], ~in_title[once], found.text[once]))]
    text = found.text[ranked]
    kept: Integers = ranked[np.arange(len(ranked)) - np.searchsorted(text, text) < MOST_WORDS]
    return kept
