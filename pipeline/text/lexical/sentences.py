"""The sentences of a batch of ideas, and how much each resembles the sentences of the frameworks' own texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from pipeline.text.lexical.features import Integers, Occurrences
from pipeline.text.lexical.vectoriser import Floats, Vectoriser, Weighted, rows

_BLOCK_VALUES = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Sentences:
    """The sentences of a batch, in order.

    `matrix`: CSR float32 (sentences, known features), rows of unit length, or less where features are unknown.
    `text`: the text each stands in. `first`, `past`: its tokens. A text without words has no sentences.
    """

    found: Occurrences
    matrix: sparse.csr_matrix
    text: Integers
    first: Integers
    past: Integers

    def words(self, sentence: int) -> str:
        """The sentence as it was written, from its first word on."""
        joined = self.found.joined
        stop = int(self.found.token_end[self.past[sentence] - 1])
        following = joined[stop : stop + 1]
        begin = int(self.found.token_start[self.first[sentence]])
        return joined[begin:stop] + (following if following in {".", "!", "?"} else "")


def sentences(weighted: Weighted) -> Sentences:
    """Divide each text in sentences: what the text has once, its sentence has at the same weight before scaling."""
    found = weighted.counted.occurrences
    begins = np.diff(found.token_sentence, prepend=-1) > 0
    first = np.flatnonzero(begins)
    past = np.append(first, len(begins))[1:]
    text = found.token_text[first]
    of_text = np.bincount(text, minlength=found.texts)
    if len(text) == found.texts and (of_text == 1).all():
        return Sentences(found, weighted.matrix, text, first, past)
    if (of_text <= 1).all():
        return Sentences(found, weighted.matrix[text], text, first, past)
    divided = _divided(weighted, np.cumsum(begins) - 1, of_text, len(first))
    # A text of one sentence needs no dividing: its row is there already.
    whole = np.flatnonzero(of_text[text] == 1)
    parts = np.flatnonzero(of_text[text] > 1)
    order = np.argsort(np.concatenate([whole, parts]))
    matrix = sparse.vstack([weighted.matrix[text[whole]], divided[parts]]).tocsr()[order]
    return Sentences(found, matrix, text, first, past)


def _divided(weighted: Weighted, sentence_of: Integers, of_text: Integers, count: int) -> sparse.csr_matrix:
    """The rows of all sentences of the texts that have more than one, the others left empty."""
    counted = weighted.counted
    found = counted.occurrences
    occurrence = np.flatnonzero(of_text[found.token_text[found.token]] > 1)
    width = len(counted.times)
    keys = sentence_of[found.token[occurrence]] * width + counted.entry_of[occurrence]
    keys, times = np.unique(keys, return_counts=True)
    sentence, entry = np.divmod(keys, width)
    values = weighted.values[entry] / counted.times[entry] * times
    length = np.sqrt(np.bincount(sentence, weights=values * values, minlength=count))
    values /= np.maximum(length, 1e-9)[sentence]
    known = np.flatnonzero(weighted.column[entry] >= 0)
    columns = weighted.column[entry[known]]
    return rows(sentence[known], columns, values[known], count, weighted.matrix.shape[1])


class Passages:
    """Pieces of the frameworks' own texts to compare sentences with, those of a framework together.

    `starts`: int64 (frameworks + 1,), where the passages of each framework begin. `matrix`: CSR float32
    (known features, passages).
    """

    def __init__(self, starts: Integers, matrix: sparse.csr_matrix) -> None:
        self.starts = starts
        self.matrix = matrix
        self.widest = int(np.diff(starts).max(initial=0))

    @classmethod
    def fit(cls, passages: Sequence[Sequence[str]], vectoriser: Vectoriser) -> "Passages":
        """`passages`: those of each framework."""
        starts = np.cumsum([0, *(len(each) for each in passages)]).astype(np.int64)
        matrix = vectoriser.read([passage for each in passages for passage in each]).matrix.T.tocsr()
        # Rounded to what a saved model holds.
        matrix.data = matrix.data.astype(np.float16).astype(np.float32)
        return cls(starts, matrix)

    def likeness(self, matrix: sparse.csr_matrix, frameworks: Integers) -> Floats:
        """Cosines of each row with the passages of its framework: (rows, asked frameworks, widest).

        `frameworks`: (rows, asked frameworks). Past the last passage of a framework stands -1.
        """
        begins = self.starts[frameworks][:, :, None]
        places = begins + np.arange(self.widest)
        beyond = places >= self.starts[frameworks + 1][:, :, None]
        places[beyond] = 0
        cosines = np.empty(places.shape, dtype=np.float32)
        block = max(1, _BLOCK_VALUES // max(self.matrix.shape[1], 1))
        for begin in range(0, len(places), block):
            end = min(begin + block, len(places))
            all_cosines = (matrix[begin:end] @ self.matrix).toarray()
            cosines[begin:end] = all_cosines[np.arange(end - begin)[:, None, None], places[begin:end]]
        cosines[beyond] = -1
        return cosines


def highest(cosines: Floats, text: Integers, texts: int) -> Floats:
    """The highest of the sentences of each text: from (sentences, …) to (texts, …); -1 for a text without any.

    `text`: (sentences,) ascending.
    """
    if len(text) == texts and (np.diff(text) == 1).all():
        return cosines
    best = np.full((texts, *cosines.shape[1:]), -1, dtype=cosines.dtype)
    if len(text):
        begins = np.flatnonzero(np.diff(text, prepend=-1))
        best[text[begins]] = np.maximum.reduceat(cosines, begins, axis=0)
    return best
