"""Words and character n-grams of many texts at once, as hashed features with their place in the text.

Everything happens on arrays of code points: no loop over texts, words or n-grams. Keeping the word that
each n-gram came from is what makes exact reasons possible (see `pipeline.text.explaining.reasons`).

Character n-grams stay within words, with the blank on either side counted as a character, as in
scikit-learn's `char_wb` analyser: Dutch compounds ("fietsenstalling", "fietsstalling") share most of theirs.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Booleans = npt.NDArray[np.bool_]
Kinds = npt.NDArray[np.int8]

HASH_BITS = 22
FEATURES = 1 << HASH_BITS
NGRAM_LENGTHS = (3, 4, 5)
CHARACTERS, WORD, PAIR = 0, 1, 2

_KNOWN_CODE_POINTS = 0x30000
_FOLDED_BELOW = 0x2000
_BLANK = 32
_BASE = np.uint64(0x100000001B3)
_INVERSE = np.uint64(pow(0x100000001B3, -1, 1 << 64))
_STIR = np.uint64(0x9E3779B97F4A7C15)
_WORD_SALT = np.uint64(0x51ED270B)
_BIGRAM_SALT = np.uint64(0x2545F491)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every feature occurrence of a batch of texts.

    `joined` holds all texts, divided by NUL. The arrays of tokens run parallel: the text a token stands in,
    its sentence (counted over the batch), and its first and past-the-last position in `joined`.
    The arrays of occurrences run parallel too: feature in [0, FEATURES), token in [0, number of tokens),
    and its kind (CHARACTERS, WORD, or PAIR for a word with the one after it).
    """

    joined: str
    texts: int
    token_text: Integers
    token_sentence: Integers
    token_start: Integers
    token_end: Integers
    feature: Integers
    token: Integers
    kind: Kinds


@cache
def _code_points() -> tuple[npt.NDArray[np.uint32], Booleans]:
    """Table of folded code points (lower case, without accents), and of those that belong to words."""
    folded = np.arange(_KNOWN_CODE_POINTS, dtype=np.uint32)
    belongs = np.zeros(_KNOWN_CODE_POINTS, dtype=np.bool_)
    for point in range(_KNOWN_CODE_POINTS):
        character = chr(point)
        category = unicodedata.category(character)
        belongs[point] = category[0] in "LNM" or category == "So"
        lower = character.lower()
        if point < _FOLDED_BELOW:
            lower = unicodedata.normalize("NFKD", lower)
        if belongs[point] and lower:
            folded[point] = ord(lower[0])
    return folded, belongs


@dataclass(frozen=True, slots=True)
class Words:
    """All words of a batch of texts, in order.

    `joined`: see `Occurrences`; `points`: its code points. Parallel run, for each word, its text, where it begins and
    ends in `joined`, and its hash. `characters`: the folded letters of all words with one blank between, before and
    after; `token_of`: the word of each (of a blank: the word after it); `places`: where words begin in `characters`,
    and one past the last blank.
    """

    joined: str
    points: npt.NDArray[np.uint32]
    text: Integers
    start: Integers
    end: Integers
    hashes: Hashes
    characters: Hashes
    token_of: Integers
    places: Integers

    def sentences(self) -> Integers:
        """For each word its sentence, counted over the batch."""
        if not len(self.start):
            return np.zeros(0, dtype=np.int64)
        sentence: Integers = np.cumsum(_sentence_ends(self.points))
        return sentence[self.start]


def find_words(texts: Sequence[str]) -> Words:
    """Find all words of `texts` (any number, any script, empty allowed)."""
    joined = "\0".join(texts)
    if joined.count("\0") != max(len(texts) - 1, 0):
        joined = "\0".join(text.replace("\0", " ") for text in texts)
    points = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32)
    folded_table, word_table = _code_points()
    known = np.minimum(points, _KNOWN_CODE_POINTS - 1)
    in_word = word_table[known]
    # A combining accent typed apart from its letter disappears, so that both ways of typing are equal.
    combining = (points >= 0x300) & (points < 0x370)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], in_word, [False])).astype(np.int8)))
    start, end = edges[0::2], edges[1::2]
    break_before = np.cumsum(points == 0)
    token_text = break_before[start] if len(start) else np.zeros(0, dtype=np.int64)
    characters, token_of, places = _blank_separated(folded_table[known], in_word & ~combining, start, end)
    words = _word_hashes(characters, places, len(start))
    return Words(joined, points, token_text, start, end, words, characters, token_of, places)


def hashed_words(words: Words) -> Integers:
    """The features of words alone, as `occurrences` gives them: (words,)."""
    return _reduce(words.hashes, _WORD_SALT)


def occurrences(texts: Sequence[str]) -> Occurrences:
    """Find all words, word pairs and character n-grams of `texts` (any number, any script, empty allowed)."""
    found = find_words(texts)
    joined, token_text, start, end = found.joined, found.text, found.start, found.end
    characters, token_of, words = found.characters, found.token_of, found.hashes
    token_sentence = found.sentences()
    parts = [(hashed_words(found), np.arange(len(words)))]
    if len(words) > 1:
        neighbours = np.flatnonzero(token_text[1:] == token_text[:-1])
        pairs = words[neighbours] * _BASE + words[neighbours + 1]
        parts.append((_reduce(pairs, _BIGRAM_SALT), neighbours))
    pair_count = len(parts[1][0]) if len(parts) > 1 else 0
    parts.extend(_character_ngrams(characters, token_of))
    feature = np.concatenate([part[0] for part in parts])
    kind = np.full(len(feature), CHARACTERS, dtype=np.int8)
    kind[: len(words) + pair_count] = PAIR
    kind[: len(words)] = WORD
    return Occurrences(
        joined=joined,
        texts=len(texts),
        token_text=token_text.astype(np.int64),
        token_sentence=token_sentence.astype(np.int64),
        token_start=start.astype(np.int64),
        token_end=end.astype(np.int64),
        feature=feature,
        token=np.concatenate([part[1] for part in parts]).astype(np.int64),
        kind=kind,
    )


def _sentence_ends(points: npt.NDArray[np.uint32]) -> Booleans:
    """A line break, the end of a text, or a full stop, question or exclamation mark before a blank."""
    blank_follows = np.ones(len(points), dtype=np.bool_)
    blank_follows[:-1] = points[1:] <= _BLANK
    marks = (points == ord(".")) | (points == ord("!")) | (points == ord("?"))
    ends: Booleans = (points == 0) | (points == ord("\n")) | (marks & blank_follows)
    return ends


def _blank_separated(
    folded: npt.NDArray[np.uint32], keep: Booleans, start: Integers, end: Integers
) -> tuple[Hashes, Integers, Integers]:
    """All words after each other with one blank between, before and after.

    Returns the characters, the token each belongs to (a blank: the token after it), and where tokens begin.
    """
    kept = np.concatenate(([0], np.cumsum(keep)))
    lengths = kept[end] - kept[start]
    places = np.concatenate(([0], np.cumsum(lengths + 1))) + 1
    characters = np.full(places[-1], _BLANK, dtype=np.uint64)
    source = np.flatnonzero(keep)
    token_of = np.repeat(np.arange(len(start) + 1), np.concatenate((lengths + 1, [1])))
    shifted = np.arange(len(source)) + np.repeat(np.arange(len(start)), lengths) + 1
    characters[shifted] = folded[source]
    return characters, token_of, places


def _word_hashes(characters: Hashes, places: Integers, tokens: int) -> Hashes:
    if tokens == 0:
        return np.zeros(0, dtype=np.uint64)
    position = np.arange(len(characters)) - np.repeat(
        np.concatenate(([0], places[:-1])), np.diff(np.concatenate(([0], places)))
    )
    _, powers = power_table(int(position.max()) + 1)
    hashes: Hashes = np.add.reduceat(stirred(characters) * powers[position], places[:-1])
    return hashes


def power_table(size: int) -> tuple[Hashes, Hashes]:
    """What the letters of a word are multiplied by, from the first on, and the inverses (modulo 2^64): (size,) each."""
    tables = []
    for base in (_INVERSE, _BASE):
        powers = np.full(size, base, dtype=np.uint64)
        powers[:1] = 1
        tables.append(np.cumprod(powers, dtype=np.uint64))
    return tables[0], tables[1]


def character_hashes(before: Hashes, following: Hashes) -> Hashes:
    """Hashes of n-grams that are one character longer."""
    return before * _BASE + following


def _character_ngrams(characters: Hashes, token_of: Integers) -> list[tuple[Integers, Integers]]:
    size = len(characters)
    blank = characters == _BLANK
    # The first blank strictly after each position bounds the n-grams that start there.
    positions = np.where(blank, np.arange(size), size)
    following = np.minimum.accumulate(positions[::-1])[::-1]
    next_blank = np.append(following[1:], size)
    rolling = np.zeros(size, dtype=np.uint64)
    parts = []
    for length in range(1, NGRAM_LENGTHS[-1] + 1):
        last = size - length + 1
        if last <= 0:
            break
        rolling = rolling[:last] * _BASE + characters[length - 1 :]
        if length in NGRAM_LENGTHS:
            begins = np.flatnonzero(next_blank[:last] >= np.arange(last) + length - 1)
            parts.append((_reduce(rolling[begins], np.uint64(length)), token_of[begins]))
    return parts


def stirred(values: Hashes) -> Hashes:
    """Well-mixed bits of 64-bit values."""
    stirred: Hashes = (values + np.uint64(1)) * _STIR
    return stirred ^ (stirred >> np.uint64(29))


def _reduce(values: Hashes, salt: np.uint64) -> Integers:
    """Spread 64-bit values evenly over the feature space (multiply-shift hashing, Dietzfelbinger 1997)."""
    spread = stirred(stirred(values ^ stirred(np.atleast_1d(salt))))
    return (spread * _BASE >> np.uint64(64 - HASH_BITS)).astype(np.int64)
