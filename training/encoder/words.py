"""How texts are made of words, and words of n-grams and parts, as sparse matrices."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.text.encoders.spelling import BUCKETS, Keys, keys_of, ngrams, parts, spelled
from pipeline.text.lexical.features import find_words


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """All words of the lessons, by ascending `keys`; how often each was met in `frequency`.

    CSR matrices: `texts` (texts, words) counts words, `parts` (words, words) those that a compound is made of. What
    follows is over learned rows, of words first, then of
    n-grams: `known` (words, rows) is the word's own row and the mean of its n-grams', `spelling` (words, rows) the
    n-grams alone, `compound` (words, rows) the sum of `known` of its parts.
    """

    keys: Keys
    frequency: npt.NDArray[np.int64]
    texts: sparse.csr_matrix
    parts: sparse.csr_matrix
    known: sparse.csr_matrix
    spelling: sparse.csr_matrix
    compound: sparse.csr_matrix

    def __len__(self) -> int:
        return len(self.keys)


def vocabulary(texts: Sequence[str]) -> Vocabulary:
    found = find_words(texts)
    keys, first, word, frequency = np.unique(
        keys_of(found.hashes), return_index=True, return_inverse=True, return_counts=True
    )
    number = len(keys)
    words = spelled(found, first, keys)
    owner, bucket = ngrams(words)
    share = 1 / np.bincount(owner, minlength=number)[owner]
    width = number + BUCKETS
    spelling = sparse.csr_matrix((share, (owner, number + bucket)), shape=(number, width), dtype=np.float32)
    own = sparse.hstack([sparse.identity(number), sparse.csr_matrix((number, BUCKETS))])
    known = (own + spelling).tocsr().astype(np.float32)
    made_of = sparse.csr_matrix((number, number), dtype=np.float32)
    for part in parts(words, keys):
        there = np.flatnonzero(part >= 0)
        made_of = made_of + sparse.csr_matrix(
            (np.ones(len(there), dtype=np.float32), (there, part[there])), shape=(number, number)
        )
    return Vocabulary(
        keys,
        frequency,
        sparse.csr_matrix(
            (np.ones(len(word), dtype=np.float32), (found.text, word)), shape=(len(texts), number)
        ),
        made_of,
        known,
        spelling,
        (made_of @ known).tocsr(),
    )
