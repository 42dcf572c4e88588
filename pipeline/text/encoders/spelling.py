"""What the spelling of a word tells: its character n-grams, and the shorter words of which a compound is made.

Dutch writes compounds as one word ("fietsenstalling", "afvalinzamelingsbeleid"), so no list of words has them all.
The last part says what it is, the part before it, with or without a linking letter, which. Everything happens on
arrays for many words at once.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.text.lexical.features import (
    Booleans,
    Hashes,
    Integers,
    Words,
    character_hashes,
    power_table,
    stirred,
)

BUCKET_BITS = 15
BUCKETS = 1 << BUCKET_BITS
LENGTHS = (4, 5)
SHORTEST_PART = 3
_BLANK = 32
_KEY_SHIFT = np.uint64(32)
_SALT = np.uint64(0x2B7E151628AED2A6)
_E, _N, _S = (ord(letter) for letter in "ens")

Keys = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Spelled:
    """Some different words: `characters` as in `Words`, `begin` and `length` of each in it, and `key`."""

    characters: Hashes
    begin: Integers
    length: Integers
    key: Keys

    def __len__(self) -> int:
        return len(self.key)

    def take(self, places: Integers) -> "Spelled":
        return Spelled(self.characters, self.begin[places], self.length[places], self.key[places])


def keys_of(hashes: Hashes) -> Keys:
    """What words are known by: 32 well-mixed bits."""
    return (stirred(stirred(hashes ^ _SALT)) >> _KEY_SHIFT).astype(np.uint32)


def spelled(words: Words, chosen: Integers, key: Keys) -> Spelled:
    """The words at places `chosen` in a batch, with their keys."""
    return Spelled(
        words.characters, words.places[chosen], words.places[chosen + 1] - words.places[chosen] - 1, key
    )


def ngrams(words: Spelled) -> tuple[Integers, Integers]:
    """All n-grams of each word, its edges counted as a character: (the word, its bucket), in order of words."""
    owner, place, left = _positions(words.begin - 1, words.length + 2)
    rolling = np.zeros(len(place), dtype=np.uint64)
    owners, buckets = [], []
    for length in range(1, LENGTHS[-1] + 1):
        fits = np.flatnonzero(left >= length)
        owner, place, left, rolling = owner[fits], place[fits], left[fits], rolling[fits]
        rolling = character_hashes(rolling, words.characters[place + length - 1])
        if length in LENGTHS:
            owners.append(owner)
            mixed = stirred(stirred(rolling + np.uint64(length)))
            buckets.append((mixed >> np.uint64(64 - BUCKET_BITS)).astype(np.int64))
    joined = np.concatenate(owners)
    order = np.argsort(joined, kind="stable")
    return joined[order], np.concatenate(buckets)[order]


def find(keys: Keys, asked: Keys) -> Integers:
    """Places of `asked` in the ascending `keys`, -1 for what isn't there."""
    if not len(keys):
        return np.full(len(asked), -1, dtype=np.int64)
    place = np.searchsorted(keys, asked)
    place[place == len(keys)] = 0
    return np.where(keys[place] == asked, place, -1)


def parts(words: Spelled, keys: Keys) -> tuple[Integers, Integers]:
    """The last part of each word and the one before it, as places among the ascending `keys`; -1 where unknown.

    Of all ways to divide a word the one with both parts known and the longest last part counts; else the longest
    known last part. Between the parts may stand s, e, n or en.
    """
    owner, place, left = _positions(words.begin, words.length)
    offset = words.length[owner] - left
    inverse, power = power_table(int(words.length.max(initial=0)) + 1)
    terms = stirred(words.characters[place]) * power[offset]
    summed = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(terms, dtype=np.uint64)))
    first = np.cumsum(words.length) - words.length
    start = summed[first][owner]
    whole = summed[first + words.length][owner]
    position = np.arange(len(owner))
    divides = np.flatnonzero((offset >= SHORTEST_PART) & (left >= SHORTEST_PART))
    # The blank after a word is part of its hash.
    blank = stirred(np.array([_BLANK], dtype=np.uint64)) * power
    shifted = (whole - summed[position])[divides] * inverse[offset[divides]]
    tail = find(keys, keys_of(shifted + blank[left[divides]]))
    # Only where the tail is a word is it worthwhile to look at what stands before it.
    good = tail >= 0
    divides, tail = divides[good], tail[good]
    head = np.full(len(divides), -1, dtype=np.int64)
    for taken in _linked(words.characters, place[divides]):
        size = offset[divides] - taken
        asked = np.flatnonzero((head < 0) & (taken >= 0) & (size >= SHORTEST_PART))
        before = summed[divides[asked] - taken[asked]] - start[divides[asked]]
        head[asked] = find(keys, keys_of(before + blank[size[asked]]))
    return _longest(owner[divides], offset[divides], tail, head, len(words))


def _positions(begin: Integers, length: Integers) -> tuple[Integers, Integers, Integers]:
    """For each character of each word: the word, its place in the characters, and how many are left with it."""
    owner = np.repeat(np.arange(len(begin)), length)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
    return owner, begin[owner] + within, length[owner] - within


def _linked(characters: Hashes, place: Integers) -> tuple[Integers, ...]:
    """How many linking letters may stand before the last part, -1 where they don't: none, one, or "en"."""
    last, before = characters[place - 1], characters[place - 2]
    one = (last == _S) | (last == _E) | (last == _N)
    two = (last == _N) & (before == _E)
    return (
        np.zeros(len(place), dtype=np.int64),
        np.where(one, 1, -1),
        np.where(two, 2, -1),
    )


def _longest(
    owner: Integers, offset: Integers, tail: Integers, head: Integers, words: int
) -> tuple[Integers, Integers]:
    whole: Booleans = head >= 0
    order = np.lexsort((offset, ~whole, owner))
    best = order[np.flatnonzero(np.diff(owner[order], prepend=-1))]
    tails, heads = (np.full(words, -1, dtype=np.int64) for _ in range(2))
    tails[owner[best]] = tail[best]
    heads[owner[best]] = head[best]
    return tails, heads
