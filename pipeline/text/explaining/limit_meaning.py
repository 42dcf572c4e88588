"""What ideas and limits mean, side by side: what is seen of them with an encoder, by Kader's own sentence vectors.

- `sentence`, `square`: the cosine of the closest sentence of the idea with the subject of the limit, and its square;
- `idea`: the cosine of the idea as a whole with it;
- `words`: for each telling word of the subject the word of the idea that is nearest in meaning, their mean by rarity;
- `framework`: the cosine of the idea with the framework's own title and description, and `own`: of those with the subject:
  what a framework is about as well, all its ideas resemble.

Cosines are sums of whole numbers that a float32 holds exactly, whatever the order of adding up: see `whole_numbers`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.core import LimitText
from pipeline.text.encoders.encoder import Encoder
from pipeline.text.explaining.claims import subject, telling_words
from pipeline.text.explaining.precedents import STEPS, whole_numbers
from pipeline.text.lexical.features import WORD, Integers, occurrences
from pipeline.text.lexical.sentences import highest
from pipeline.text.lexical.vectoriser import Floats, Vectoriser

MEANT = ("sentence", "square", "idea", "words", "framework", "own")
_BLOCK_VALUES = 2_000_000

Array = npt.NDArray[np.float64]


class LimitMeanings:
    """The limits of all frameworks as sentence vectors, those of a framework together."""

    def __init__(
        self,
        frameworks: Sequence[tuple[str, Sequence[LimitText]]],
        vectoriser: Vectoriser,
        encoder: Encoder,
    ) -> None:
        """`frameworks`: the own text of each, and its limits."""
        subjects = [subject(limit.title) for _, limits in frameworks for limit in limits]
        counts = [len(limits) for _, limits in frameworks]
        self._encoder = encoder
        self._starts = np.cumsum([0, *counts]).astype(np.int64)
        self._widest = max(counts, default=0)
        self._subjects = whole_numbers(encoder.encode(subjects))
        owners = np.repeat(np.arange(len(frameworks)), counts)
        self._frameworks = whole_numbers(encoder.encode([own for own, _ in frameworks]))
        self._own = np.einsum("ld,ld->l", self._frameworks[owners], self._subjects) / STEPS**2
        words = [telling_words(about) or [about] for about in subjects]
        self._word_starts = np.cumsum([0, *map(len, words)])[:-1].astype(np.int64)
        flat = [word for each in words for word in each]
        self._words = whole_numbers(encoder.encode(flat))
        rarity = _rarity(flat, vectoriser)
        total = np.add.reduceat(rarity, self._word_starts) if flat else rarity
        self._share = rarity / np.repeat(np.maximum(total, 1e-9), [len(each) for each in words])

    def seen(
        self,
        wanted: Sequence[str],
        text: Integers,
        texts: Sequence[str],
        frameworks: Integers,
        encoded: Floats | None,
    ) -> tuple[Array, Floats]:
        """MEANT of each text and limit: (texts, asked frameworks, limits, MEANT), NaN where there is no limit; and how
        much each sentence resembles each limit: (sentences, asked frameworks, limits).

        `wanted`: what each sentence asks for; `text`: the text of each, ascending.
        """
        places = self._starts[frameworks][:, :, None] + np.arange(self._widest)
        missing = places >= self._starts[frameworks + 1][:, :, None]
        places[missing] = 0
        rows = _Rows(texts, encoded)
        whole = rows.places(_wholes(wanted, text, texts))
        sentences = rows.places(wanted)
        words = [telling_words(each) for each in wanted]
        said = rows.places([word for each in words for word in each])
        vectors = rows.vectors(self._encoder)
        near = _cosines(vectors[sentences], self._subjects)
        likeness = near[np.arange(len(text))[:, None, None], places[text]]
        likeness[missing[text]] = -1
        row = np.arange(len(texts))[:, None, None]
        sentence = highest(likeness, text, len(texts)).astype(np.float64)
        own = _cosines(vectors[whole], self._frameworks)[row, frameworks[:, :, None]]
        looks = np.stack(
            [
                sentence,
                np.maximum(sentence, 0) ** 2,
                _cosines(vectors[whole], self._subjects)[row, places],
                self._by_words(vectors, said, np.repeat(text, [len(each) for each in words]), len(texts))[
                    row, places
                ],
                np.broadcast_to(own, places.shape),
                self._own[places],
            ],
            axis=3,
        )
        looks[missing] = np.nan
        return np.round(looks, 6), likeness

    def _by_words(self, vectors: Floats, said: Integers, owner: Integers, texts: int) -> Array:
        """(texts, limits). `said`: the row of each word; `owner`: its text, ascending."""
        near = np.zeros((texts, len(self._words)), dtype=np.float32)
        if not len(said):
            return np.zeros((texts, len(self._subjects)))
        distinct, word = np.unique(said, return_inverse=True)
        begins = np.flatnonzero(np.diff(owner, prepend=-1))
        block = max(1, _BLOCK_VALUES // len(word))
        for first in range(0, len(self._words), block):
            cosines = _cosines(vectors[distinct], self._words[first : first + block])
            near[owner[begins], first : first + block] = np.maximum.reduceat(cosines[word], begins, axis=0)
        weighed = np.maximum(near, 0).astype(np.float64) * self._share
        summed: Array = np.add.reduceat(weighed, self._word_starts, axis=1)
        return summed


class _Rows:
    """The vectors of pieces of text, each encoded once and all together."""

    def __init__(self, texts: Sequence[str], encoded: Floats | None) -> None:
        self._known = np.zeros((0, 0), dtype=np.float32) if encoded is None else encoded
        self._place = {} if encoded is None else {text: place for place, text in enumerate(texts)}
        self._new: list[str] = []

    def places(self, pieces: Sequence[str]) -> Integers:
        """The row that each piece will have."""
        places = []
        for piece in pieces:
            place = self._place.setdefault(piece, len(self._known) + len(self._new))
            if place == len(self._known) + len(self._new):
                self._new.append(piece)
            places.append(place)
        return np.array(places, dtype=np.int64)

    def vectors(self, encoder: Encoder) -> Floats:
        """(pieces, dimensions); nought for an empty one, which is like nothing."""
        new = encoder.encode(self._new)
        new[[not piece.strip() for piece in self._new]] = 0
        return np.concatenate([self._known, new]) if len(self._known) else new


def _wholes(wanted: Sequence[str], text: Integers, texts: Sequence[str]) -> list[str]:
    """The texts, without what they say they leave alone."""
    said: list[list[str]] = [[] for _ in texts]
    for place, sentence in zip(text.tolist(), wanted, strict=True):
        said[place].append(sentence)
    return [
        whole if all(each and each in whole for each in parts) else "\n".join(filter(None, parts))
        for whole, parts in zip(texts, said, strict=True)
    ]


def _cosines(vectors: Floats, others: Floats) -> Floats:
    """(vectors, others); `others` are whole numbers already."""
    cosines: Floats = (whole_numbers(vectors) @ others.T) / np.float32(STEPS**2)
    return cosines


def _rarity(words: Sequence[str], vectoriser: Vectoriser) -> Array:
    """How rare each word is: (words,), the mean of its parts where it has several."""
    found = occurrences(words)
    of_word = found.kind == WORD
    owner = found.token_text[found.token[of_word]]
    rarity = vectoriser.rarity(found.feature[of_word]).astype(np.float64)
    count = np.bincount(owner, minlength=len(words))
    summed = np.bincount(owner, weights=rarity, minlength=len(words))
    return np.where(count > 0, summed / np.maximum(count, 1), 1.0)
