"""In what two ideas are alike, and in what they differ: the evidence of the pair model, for many pairs at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.core import IdeaText
from pipeline.text.lexical.features import FEATURES, PAIR, WORD, Integers
from pipeline.text.lexical.vectoriser import Counted, Vectoriser, count, row_products, rows
from pipeline.text.lexical.words import COMMON, NEGATIONS, word_features

Evidence = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

NAMES = (
    "characters",  # cosine of the character n-grams
    "words",  # shared words, weighted by rarity, divided by all words of both
    "containment",  # shared words, weighted by rarity, divided by those of the shorter
    "pairs",  # word pairs in common, divided by all: the same order of words
    "vectors",  # cosine in the vector space
    "titles",  # by how much the titles are more alike than the wholes; 0 where a title is missing
    "length",  # shorter divided by longer, in words weighted by rarity
    "numbers",  # 1 when both have a number that the other lacks
    "names",  # 1 when both have a name that the other lacks
    "negation",  # 1 when only one of them denies or forbids
    "nearly",  # grows steeply as the character n-grams become all but equal: 0 for nothing, 1 for all shared
    "swapped",  # character n-grams, weighted, that each has for itself: little for typing errors, much for words
    "added",  # character n-grams, weighted, that the one with more of its own has for itself
    "template",  # swapped times characters: own words in what is otherwise alike
    "replaced",  # swapped in the same order of words: a template that was filled in differently
)
_COMMON_WEIGHT = 0.1
_STEEP = 0.05
_MOSTLY_CAPITALS = 0.5
_KNOWN_CODE_POINTS = 0x20000


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """What is known of each distinct text; all matrices are CSR (texts, FEATURES).

    `words` holds the rarity of each word, `present` a 1 for it, `names` and `numbers` the rarity of those alone.
    """

    characters: sparse.csr_matrix
    words: sparse.csr_matrix
    present: sparse.csr_matrix
    pairs: sparse.csr_matrix
    names: sparse.csr_matrix
    numbers: sparse.csr_matrix
    denies: Booleans


def traits(texts: Sequence[str], vectoriser: Vectoriser) -> Traits:
    """What is known of each text depends on that text and the vectoriser alone."""
    return traits_of(count(texts, with_entries=False), vectoriser)


def traits_of(counted: Counted, vectoriser: Vectoriser) -> Traits:
    found, texts = counted.occurrences, counted.occurrences.texts
    weighted = vectoriser.weigh(counted)
    word = np.flatnonzero(found.kind == WORD)
    feature, token = found.feature[word], found.token[word]
    text = found.token_text[token]
    rarity = vectoriser.rarity(feature)
    common = np.isin(feature, word_features(COMMON))
    rarity = np.where(common, rarity * _COMMON_WEIGHT, rarity)
    number, capital = _numbers_and_names(found.joined, found.token_start[token], found.token_end[token])
    first = np.ones(len(token), dtype=np.bool_)
    first[1:] = np.diff(found.token_sentence[token]) > 0
    sizes = np.maximum(np.bincount(text, minlength=texts), 1)
    shouting = np.bincount(text, weights=capital, minlength=texts) / sizes > _MOSTLY_CAPITALS
    name = capital & ~first & ~common & ~shouting[text]
    in_characters = counted.in_characters == 1
    pair = found.kind == PAIR
    pair_text = found.token_text[found.token[pair]]
    return Traits(
        characters=_unit(
            rows(
                counted.text[in_characters],
                counted.feature[in_characters],
                weighted.values[in_characters],
                texts,
                FEATURES,
            )
        ),
        words=_set(text, feature, rarity, texts),
        present=_set(text, feature, np.ones(len(text)), texts),
        pairs=_set(pair_text, found.feature[pair], np.ones(int(pair.sum())), texts),
        names=_set(text[name], feature[name], rarity[name], texts),
        numbers=_set(text[number], feature[number], rarity[number], texts),
        denies=np.bincount(text[np.isin(feature, word_features(NEGATIONS))], minlength=texts).astype(
            np.bool_
        ),
    )


def evidence(
    pairs: Sequence[tuple[IdeaText, IdeaText]],
    cosines: npt.NDArray[np.floating],
    vectoriser: Vectoriser,
    read: Callable[[Sequence[str]], Traits] | None = None,
) -> Evidence:
    """Float64 (pairs, len(NAMES)), everything in [-1, 1]. The order within a pair makes no difference.

    `read`: what gives the traits of texts, when they were kept (see `pipeline.text.duplicates.kept_traits`).
    """
    read = read or partial(traits, vectoriser=vectoriser)
    wholes: dict[str, int] = {}
    left = np.array([wholes.setdefault(a.whole, len(wholes)) for a, _ in pairs], dtype=np.int64)
    right = np.array([wholes.setdefault(b.whole, len(wholes)) for _, b in pairs], dtype=np.int64)
    known = read(list(wholes))
    titles: dict[str, int] = {}
    titled = np.array([bool(a.title.strip() and b.title.strip()) for a, b in pairs], dtype=np.bool_)
    chosen = [pair for pair, has in zip(pairs, titled, strict=True) if has]
    first = np.array([titles.setdefault(a.title, len(titles)) for a, _ in chosen], dtype=np.int64)
    second = np.array([titles.setdefault(b.title, len(titles)) for _, b in chosen], dtype=np.int64)
    title_cosines = np.full(len(pairs), np.nan)
    if titled.any():
        title_cosines[titled] = row_products(read(list(titles)).characters, first, second)
    return evidence_of(known, left, right, title_cosines, cosines)


def evidence_of(
    known: Traits,
    left: Integers,
    right: Integers,
    title_cosines: npt.NDArray[np.floating],
    cosines: npt.NDArray[np.floating],
) -> Evidence:
    """As `evidence`, of the texts at places `left` and `right` in `known`, all (pairs,).

    `title_cosines`: of the character n-grams of both titles, NaN where one of them is missing.
    """
    characters = row_products(known.characters, left, right)
    shared = _shared(known.present, known.words, left, right)
    totals = np.asarray(known.words.sum(axis=1)).ravel()
    ours, theirs = totals[left], totals[right]
    shorter = np.maximum(np.minimum(ours, theirs), 1e-9)
    longer = np.maximum(np.maximum(ours, theirs), 1e-9)
    pair_sizes = np.diff(known.pairs.indptr)
    shared_pairs = row_products(known.pairs, left, right)
    order = shared_pairs / np.maximum(pair_sizes[left] + pair_sizes[right] - shared_pairs, 1)
    mass_ours = _mass_shared(known.characters, left, right)
    mass_theirs = _mass_shared(known.characters, right, left)
    swapped = _steep(1 - np.maximum(mass_ours, mass_theirs))
    return np.column_stack(
        (
            characters,
            shared / np.maximum(ours + theirs - shared, 1e-9),
            shared / shorter,
            order,
            np.asarray(cosines, dtype=np.float64),
            np.nan_to_num(title_cosines - characters, nan=0.0),
            shorter / longer,
            _both_lack(known.numbers, known.present, left, right),
            _both_lack(known.names, known.present, left, right),
            (known.denies[left] != known.denies[right]).astype(np.float64),
            1 - _steep(1 - characters),
            swapped,
            _steep(1 - np.minimum(mass_ours, mass_theirs)),
            swapped * characters,
            swapped * np.sqrt(order),
        )
    )


def _numbers_and_names(joined: str, start: Integers, end: Integers) -> tuple[Booleans, Booleans]:
    """Which words are all digits, and which begin with a capital."""
    points = np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32)
    digit, capital = _digits_and_capitals()
    others = np.concatenate(([0], np.cumsum(~digit[np.minimum(points, len(digit) - 1)])))
    return others[start] == others[end], capital[np.minimum(points[start], len(capital) - 1)]


@cache
def _digits_and_capitals() -> tuple[Booleans, Booleans]:
    characters = [chr(point) for point in range(_KNOWN_CODE_POINTS)]
    return (
        np.array([each.isdecimal() for each in characters]),
        np.array([each.isupper() for each in characters]),
    )


def _set(text: Integers, feature: Integers, value: npt.NDArray[np.floating], texts: int) -> sparse.csr_matrix:
    """One entry per distinct feature of each text."""
    keys, first = np.unique(text * FEATURES + feature, return_index=True)
    return rows(
        keys // FEATURES, keys % FEATURES, np.asarray(value, dtype=np.float32)[first], texts, FEATURES
    )


def _unit(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    # Scaled in place: a matrix product would leave the columns unsorted, which makes every later step slow.
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scaled = matrix.copy()
    scaled.data = (matrix.data / np.repeat(np.maximum(length, 1e-9), np.diff(matrix.indptr))).astype(
        np.float32
    )
    return scaled


def _steep(share: Evidence) -> Evidence:
    """From 0 to 1 as `share` does, but quickly at first: the first differences count most."""
    steep: Evidence = np.log1p(np.clip(share, 0, 1) / _STEEP) / np.log1p(1 / _STEEP)
    return steep


def _mass_shared(matrix: sparse.csr_matrix, left: Integers, right: Integers) -> Evidence:
    """Of the squared length of each left row, the part that lies in features of the right row."""
    squared, present = matrix.copy(), matrix.copy()
    squared.data = squared.data**2
    present.data = np.ones_like(present.data)
    return _shared(present, squared, right, left)


def _shared(
    present: sparse.csr_matrix, weight: sparse.csr_matrix, left: Integers, right: Integers
) -> Evidence:
    product: Evidence = np.asarray(
        present[left].multiply(weight[right]).sum(axis=1), dtype=np.float64
    ).ravel()
    return product


def _both_lack(
    special: sparse.csr_matrix, present: sparse.csr_matrix, left: Integers, right: Integers
) -> Evidence:
    """1 where both have something special that the other doesn't mention at all."""
    total = np.asarray(special.sum(axis=1)).ravel()
    ours = total[left] - _shared(present, special, right, left)
    theirs = total[right] - _shared(present, special, left, right)
    return ((ours > 1e-6) & (theirs > 1e-6)).astype(np.float64)
