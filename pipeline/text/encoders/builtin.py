"""Kader's own sentence encoder for Dutch and English: a row of numbers a word, numpy alone (see docs/encoder.md).

A text is the sum of its words' rows, whose lengths say how much each word counts. A word without a row of its own
is told by its character n-grams and, as a compound, by its parts. The numbers lie in files beside the code, four
bits each, and are mapped into memory, so that all workers of a machine share them. `training/encoder` makes them.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from kader.errors import PermanentError
from pipeline.text.encoders.rows import readable, unit_rows
from pipeline.text.encoders.spelling import BUCKETS, Keys, Spelled, find, keys_of, ngrams, parts, spelled
from pipeline.text.lexical.features import Integers, find_words
from pipeline.text.lexical.vectoriser import Floats

FOLDER = Path(__file__).parent / "nl_en"
CARD = "card.json"
FILES = ("keys", "words", "word_lengths", "ngrams", "ngram_lengths")
_CHARACTERS_AT_ONCE = 400_000

Packed = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Numbers of four bits: `packed` uint8 (rows, dimensions / 2), two numbers a byte, and `length` float16 (rows,).

    `table`: float32 (256, 2), what a byte stands for.
    """

    packed: Packed
    length: npt.NDArray[np.float16]
    table: Floats

    def take(self, places: Integers) -> Floats:
        """Float32 (places, dimensions)."""
        numbers: Floats = self.table[self.packed[places]].reshape(len(places), 2 * self.packed.shape[1])
        numbers *= self.length[places].astype(np.float32)[:, None]
        return numbers


@dataclass(frozen=True, slots=True)
class Weights:
    """How much the n-grams and the parts of an unknown word count, and `long`: the power of a sentence's length by
    which it is divided, so that in a long text the sentences count more alike (0: not at all).
    """

    ngrams: float
    parts: float
    long: float


class BuiltinEncoder:
    """`keys`: what the words are known by, ascending; `words` and `ngrams`: their rows."""

    def __init__(self, name: str, keys: Keys, words: Rows, ngram_rows: Rows, weights: Weights) -> None:
        self.name = name
        self.dimensions = 2 * words.packed.shape[1]
        self._keys = keys
        self._words = words
        self._ngrams = ngram_rows
        self._weights = weights

    def encode(self, texts: Sequence[str]) -> Floats:
        """Float32 (len(texts), dimensions), rows of unit length; the same text has the same row in any batch."""
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        begin = 0
        while begin < len(texts):
            end, characters = begin, 0
            while end < len(texts) and (end == begin or characters < _CHARACTERS_AT_ONCE):
                characters += len(texts[end])
                end += 1
            rows[begin:end] = self._sums(texts[begin:end])
            begin = end
        return unit_rows(rows)

    def _sums(self, texts: Sequence[str]) -> Floats:
        found = find_words([readable(text) for text in texts])
        if not len(found.hashes):
            return np.zeros((len(texts), self.dimensions), dtype=np.float32)
        # In ascending order of keys, so that the order of adding up is that of the text alone.
        key, first, word = np.unique(keys_of(found.hashes), return_index=True, return_inverse=True)
        rows = self._of_words(spelled(found, first, key))
        sentence = found.sentences()
        begins = np.flatnonzero(np.diff(sentence, prepend=-1))
        number = np.cumsum(np.diff(sentence, prepend=-1) > 0) - 1
        sums = _added(number, word, len(begins), rows)
        lengths = np.sqrt(np.einsum("sd,sd->s", sums, sums, dtype=np.float64))
        sums /= np.maximum(lengths, 1e-9)[:, None] ** self._weights.long
        return _added(found.text[begins], np.arange(len(begins)), len(texts), sums)

    def _of_words(self, words: Spelled) -> Floats:
        """Float32 (words, dimensions)."""
        place = find(self._keys, words.key)
        rows = np.zeros((len(words), self.dimensions), dtype=np.float32)
        known = place >= 0
        rows[known] = self._words.take(place[known])
        unknown = np.flatnonzero(~known)
        if len(unknown):
            rows[unknown] = self._of_unknown(words.take(unknown))
        return rows

    def _of_unknown(self, words: Spelled) -> Floats:
        owner, bucket = ngrams(words)
        asked, column = np.unique(bucket, return_inverse=True)
        share = self._weights.ngrams / np.bincount(owner, minlength=len(words))[owner]
        rows = _added(owner, column, len(words), self._ngrams.take(asked), share.astype(np.float32))
        for part in parts(words, self._keys):
            there = np.flatnonzero(part >= 0)
            rows[there] += np.float32(self._weights.parts) * self._words.take(part[there])
        return rows


@cache
def load_builtin(folder: Path = FOLDER) -> BuiltinEncoder:
    """The encoder that comes with Kader; its files are verified once in a process.

    Raises PermanentError when a file is missing or isn't what was published.
    """
    try:
        content = (folder / CARD).read_bytes()
        card = json.loads(content)
        files = {name: _verified(folder / f"{name}.npy", card["sha256"][name]) for name in FILES}
        weights = Weights(**card["weights"])
        levels = np.array(card["levels"], dtype=np.float32)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PermanentError(_damaged(folder)) from error
    table = np.stack([np.tile(levels, 16), np.repeat(levels, 16)], axis=1)
    words = Rows(files["words"], np.array(files["word_lengths"]), table)
    ngram_rows = Rows(files["ngrams"], np.array(files["ngram_lengths"]), table)
    if len(ngram_rows.packed) != BUCKETS:
        raise PermanentError(_damaged(folder))
    name = f"builtin-{card['version']}-{hashlib.sha256(content).hexdigest()[:16]}"
    return BuiltinEncoder(name, np.array(files["keys"]), words, ngram_rows, weights)


def _verified(path: Path, expected: str) -> Any:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != expected:
            raise PermanentError(_damaged(path))
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _damaged(path: Path) -> str:
    return (
        f"Kader's own encoder is damaged ({path} is missing or was changed): install Kader again, "
        "or go on without it: --encoder none (KADER_ENCODER=none)."
    )


def _added(row: Integers, column: Integers, rows: int, of: Floats, share: Floats | None = None) -> Floats:
    """For each row the sum of the rows `column` of `of`, each `share` times; float32 (rows, dimensions)."""
    values = np.ones(len(row), dtype=np.float32) if share is None else share
    matrix = sparse.csr_matrix((values, (row, column)), shape=(rows, len(of)))
    return np.asarray(matrix @ of, dtype=np.float32)
