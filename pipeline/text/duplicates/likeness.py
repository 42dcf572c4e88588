"""How alike two ideas are, as a figure to rank by: words, titles, and meaning when there is an encoder.

Between two languages, words are what they usually are where the meaning is as near. The figure is graded, not a
probability: whether two ideas are the same is for `pipeline.text.duplicates.pairs` to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.core import IdeaText
from pipeline.text.duplicates.between_languages import BetweenLanguages, Languages, differ, length, spoken
from pipeline.text.encoders.encoder import Encoder, beside_words
from pipeline.text.lexical.features import FEATURES, Integers
from pipeline.text.lexical.growing import GrowingRows
from pipeline.text.lexical.on_disk import RowsOnDisk
from pipeline.text.lexical.sparse_rows import SparseRows
from pipeline.text.lexical.vectoriser import Floats, Vectoriser, count

# Beside the cosine of words and character n-grams, which counts for 1. Measured on reports that people marked as
# duplicates (Eclipse, OpenOffice), where half or twice as much ranks nearly as well.
TITLE_SHARE = 0.25

_MOST_FEATURES = 1_000_000
_READ_AT_ONCE = 1_024  # counting takes much more memory than what comes of it
_PAIRS_AT_ONCE = 16_384
LIKENESS_DECIMALS = 6

Likenesses = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """Ideas as features: `wholes` float32 (ideas, features) of unit length, `titles` likewise, empty rows for ideas
    without a title; `vectors` float32 (ideas, dimensions) of the encoder, (ideas, 0) without one; `meaning` says how
    much these count beside words. `languages` and `words`, how many each has: (ideas,), with which `between` reads what lies
    between two of them; languages are all alike where the encoder knows one.
    """

    wholes: SparseRows
    titles: SparseRows
    vectors: Floats
    languages: Languages
    words: Integers
    between: BetweenLanguages | None = None
    meaning: float = 0.0

    def __len__(self) -> int:
        return len(self.wholes)


def describe(
    ideas: Sequence[IdeaText],
    vectoriser: Vectoriser | None = None,
    encoder: Encoder | None = None,
    *,
    on_disk: bool = False,
) -> tuple[Vectoriser, Described]:
    """Read ideas, a thousand at a time; without a `vectoriser` rarity is that of these ideas themselves.

    `on_disk`: keep the features in temporary files, some 5 kB an idea.
    """
    if vectoriser is None:
        vectoriser = Vectoriser.fit(Wholes(ideas), most=min(_MOST_FEATURES, FEATURES))
    kept = RowsOnDisk if on_disk else GrowingRows
    wholes, titles = kept(len(vectoriser.features)), kept(len(vectoriser.features))
    vectors = np.zeros((len(ideas), encoder.dimensions if encoder else 0), dtype=np.float32)
    words = np.zeros(len(ideas), dtype=np.int64)
    between = BetweenLanguages.of(encoder)
    languages = np.zeros(len(ideas), dtype=np.int8) if between is None else spoken(Wholes(ideas))
    for begin in range(0, len(ideas), _READ_AT_ONCE):
        batch = ideas[begin : begin + _READ_AT_ONCE]
        texts = [idea.whole for idea in batch]
        wholes.add(_features(texts, vectoriser))
        titles.add(_features([idea.title for idea in batch], vectoriser))
        words[begin : begin + _READ_AT_ONCE] = [len(text.split()) for text in texts]
        if encoder is not None:
            vectors[begin : begin + _READ_AT_ONCE] = encoder.encode(texts)
    return vectoriser, Described(
        wholes,
        titles,
        vectors,
        languages,
        words,
        between,
        beside_words(encoder.name if encoder else "none"),
    )


class Wholes(Sequence[str]):
    """The texts of ideas with their titles, made when they are asked for."""

    def __init__(self, ideas: Sequence[IdeaText]) -> None:
        self._ideas = ideas

    def __len__(self) -> int:
        return len(self._ideas)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [idea.whole for idea in self._ideas[place]]
        return self._ideas[place].whole


def _features(texts: list[str], vectoriser: Vectoriser) -> sparse.csr_matrix:
    return vectoriser.weigh(count(texts, with_entries=False)).matrix


def likeness(described: Described, one: Integers, other: Integers) -> Likenesses:
    """How alike the ideas at places `one` and `other` are: float64 (pairs,), in [0, 1], the same in both directions.

    Where one of the two has no title, its part is left out, so that pairs with and without remain comparable.
    """
    figures = np.zeros(len(one))
    has_title = described.titles.sizes() > 0
    for begin in range(0, len(one), _PAIRS_AT_ONCE):
        span = slice(begin, begin + _PAIRS_AT_ONCE)
        a, b = one[span], other[span]
        expected = _expected(described, a, b)
        whole = np.maximum(described.wholes.products(a, b), expected)
        titled = has_title[a] & has_title[b]
        title = whole.copy()
        title[titled] = np.maximum(described.titles.products(a[titled], b[titled]), expected[titled])
        figures[span] = whole
        figures[span] += TITLE_SHARE * title
        if described.vectors.shape[1]:
            figures[span] += described.meaning * meanings(described, a, b)
    total = 1 + TITLE_SHARE + described.meaning
    shown: Likenesses = np.round(np.clip(figures / total, 0, 1), LIKENESS_DECIMALS).astype(np.float64)
    return shown


def _expected(described: Described, one: Integers, other: Integers) -> Likenesses:
    """The likeness in words that ideas in two languages would have in one: (pairs,), 0 for those in one language."""
    expected = np.zeros(len(one))
    if described.between is not None:
        apart = differ(described.languages, one, other)
        a, b = one[apart], other[apart]
        lengths = length(described.words[a], described.words[b])
        expected[apart] = described.between.words(meanings(described, a, b), lengths)
    return expected


def meanings(described: Described, one: Integers, other: Integers) -> Likenesses:
    """The cosine of the encoder's vectors: float64 (pairs,), in [-1, 1]; 0 without an encoder."""
    figures = np.zeros(len(one))
    if not described.vectors.shape[1]:
        return figures
    for begin in range(0, len(one), _PAIRS_AT_ONCE):
        span = slice(begin, begin + _PAIRS_AT_ONCE)
        a, b = described.vectors[one[span]], described.vectors[other[span]]
        figures[span] = np.einsum("ij,ij->i", a, b, dtype=np.float64)
    shown: Likenesses = np.round(figures, 6)
    return shown


def alike(
    pairs: Sequence[tuple[IdeaText, IdeaText]], vectoriser: Vectoriser, encoder: Encoder | None = None
) -> Likenesses:
    """The likeness of each pair by itself: (pairs,), in [0, 1]; `vectoriser` knows how rare words are."""
    ideas = [idea for pair in pairs for idea in pair]
    _, described = describe(ideas, vectoriser, encoder)
    ones = np.arange(0, len(ideas), 2)
    return likeness(described, ones, ones + 1)
