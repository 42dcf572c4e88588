"""Which words spoke for or against a framework: exact shares of the linear score, not an approximation.

The score of a framework is a sum over feature occurrences, beside a bias (and sentence vectors, where there is an
encoder). Every occurrence stands in one word (a word pair: in two, half each), so the sum can be divided over
the words without a rest. What is shown is a choice: expressions that say something, strongest first. Nothing that is
left out changes the share of what is named.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.core import MEANING, Reason
from pipeline.text.lexical.features import FEATURES, PAIR, Booleans, Integers, Occurrences
from pipeline.text.lexical.vectoriser import Floats, Weighted
from pipeline.text.lexical.words import COMMON, SAYING_NOTHING, word_features

MOST_FOR = 4
MOST_AGAINST = 2
_WORTH_SAYING = 0.05
_WORTH_SAYING_AGAINST = 0.2
# A pair is named as one expression when it weighs at least this part of what its heavier word does.
_PAIR_CARRIES = 0.5
_HALF = 23
_LAST_LATIN = "\u0250"
_LONGEST_NUMBER = 4

Totals = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """Shares of the score, float64: `words` (tokens,), of each word with its character n-grams; `pairs` (tokens,), of
    the pair that begins with it, 0 where none does.
    """

    words: Totals
    pairs: Totals

    @property
    def totals(self) -> Totals:
        """The share of each token, half of its pairs included: (tokens,)."""
        totals = self.words + self.pairs / 2
        totals[1:] += self.pairs[:-1] / 2
        return totals


def entry_weights(weighted: Weighted, weights: Floats, frameworks: Integers) -> Totals:
    """The weight of every entry of a batch for the framework that its text is asked about, 0 where unknown.

    `weights`: float32 (known features, frameworks); `frameworks`: for each text, a column of it.
    """
    entries = np.zeros(len(weighted.column), dtype=np.float64)
    known = np.flatnonzero(weighted.column >= 0)
    entries[known] = weights[weighted.column[known], frameworks[weighted.counted.text[known]]]
    return entries


def spoken(weighted: Weighted, entries: Totals) -> Spoken:
    """Divide a score over the words; `entries`: what `entry_weights` says, or a difference of two such.

    Per text, the totals of the tokens add up to `matrix @ weights` at the framework asked about.
    """
    counted = weighted.counted
    found = counted.occurrences
    shares = (weighted.values * entries / counted.times)[counted.entry_of]
    # Occurrences come in this order: all words, then pairs, then character n-grams.
    words = len(found.token_text)
    past_pairs = words + int(np.count_nonzero(found.kind[words:] == PAIR))
    of_words = shares[:words] + np.bincount(
        found.token[past_pairs:], weights=shares[past_pairs:], minlength=words
    )
    of_pairs = np.zeros(words, dtype=np.float64)
    of_pairs[found.token[words:past_pairs]] = shares[words:past_pairs]
    return Spoken(of_words, of_pairs)


def reasons(found: Occurrences, said: Spoken, *, instead: bool = False) -> list[tuple[Reason, ...]]:
    """The expressions of each text that spoke loudest, at most MOST_FOR for and MOST_AGAINST against: first those
    for, strongest first, then those against.

    An expression is a word, or a pair of words where the pair itself carries the weight. One that occurs more often is
    named once, with its shares added up. Everyday words are named only where nothing else spoke.
    `instead`: the score is that of one framework minus that of another, so what speaks against is left to the other.
    """
    expressions = _expressions(found, said)
    strength = np.abs(expressions.share)
    loudest = np.zeros(found.texts)
    np.maximum.at(loudest, expressions.text, strength)
    loudest = loudest[expressions.text]
    telling = ~expressions.everyday & (strength >= _WORTH_SAYING * loudest)
    speaks_for = telling & (expressions.share > 0)
    sides = [(speaks_for, MOST_FOR)]
    if not instead:
        silent = np.bincount(expressions.text[telling], minlength=found.texts) == 0
        speaks_for |= silent[expressions.text] & (expressions.share > 0)
        against = telling & (expressions.share < 0) & (strength >= _WORTH_SAYING_AGAINST * loudest)
        sides.append((against, MOST_AGAINST))
    named: list[tuple[Reason, ...]] = [()] * found.texts
    for side, most in sides:
        chosen = np.flatnonzero(side)
        chosen = chosen[np.lexsort((expressions.begin[chosen], -strength[chosen], expressions.text[chosen]))]
        text = expressions.text[chosen]
        rank = np.arange(len(chosen)) - np.searchsorted(text, text)
        chosen = chosen[rank < most]
        for of_text, begin, end, share in zip(
            expressions.text[chosen].tolist(),
            expressions.begin[chosen].tolist(),
            expressions.end[chosen].tolist(),
            np.round(expressions.share[chosen], 4).tolist(),
            strict=True,
        ):
            named[of_text] += (Reason(found.joined[begin:end].lower(), share),)
    return named


def with_meaning(named: tuple[Reason, ...], share: float, *, instead: bool = False) -> tuple[Reason, ...]:
    """What `reasons` says of one text, with the share of its sentence vector in its place, if that is worth saying."""
    loudest = max((abs(each.weight) for each in named), default=0.0)
    least = _WORTH_SAYING if share > 0 else _WORTH_SAYING_AGAINST
    meaning = Reason(MEANING, round(share, 4))
    if not meaning.weight or (instead and share < 0) or abs(share) < least * loudest:
        return named
    return tuple(sorted((*named, meaning), key=lambda each: (each.weight < 0, -abs(each.weight))))


@dataclass(frozen=True, slots=True, eq=False)
class _Expressions:
    """Parallel arrays: in which text, where in `joined` it first stands, its share, and whether it says nothing."""

    text: Integers
    begin: Integers
    end: Integers
    share: Totals
    everyday: Booleans


def _expressions(found: Occurrences, said: Spoken) -> _Expressions:
    """Every token in exactly one expression, equal ones of a text taken together."""
    tokens = len(found.token_text)
    word = found.feature[:tokens]
    everyday = _everyday()[word] | _without_words(found)
    paired = _paired(found, said, everyday)
    inside = np.zeros(tokens, dtype=np.bool_)
    inside[1:] = paired[:-1]
    heads = np.flatnonzero(~inside)
    last = heads + paired[heads]
    share = said.totals
    share[:-1] += np.where(paired[:-1], share[1:], 0)
    # Text, first word and second word in one number.
    key = (found.token_text[heads] << (2 * _HALF)) + (word[heads] << _HALF)
    key += np.where(paired[heads], word[last] + 1, 0)
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    return _Expressions(
        text=found.token_text[heads[first]],
        begin=found.token_start[heads[first]],
        end=found.token_end[last[first]],
        share=np.bincount(of, weights=share[heads], minlength=len(first)).astype(np.float64),
        everyday=(everyday[heads] & everyday[last])[first],
    )


def _paired(found: Occurrences, said: Spoken, everyday: Booleans) -> Booleans:
    """Whether each token forms one expression with the next: two words that say something, side by side, and the pair
    itself carries the weight.
    """
    tokens = len(said.words)
    paired = np.zeros(tokens, dtype=np.bool_)
    if tokens < 2:
        return paired
    weight = np.abs(said.pairs)
    heavier = np.maximum(np.abs(said.words[:-1]), np.abs(said.words[1:]))
    adjacent = (found.token_start[1:] - found.token_end[:-1] == 1) & (
        found.token_sentence[1:] == found.token_sentence[:-1]
    )
    adjacent &= ~everyday[:-1] & ~everyday[1:]
    paired[:-1] = adjacent & (weight[:-1] > 0) & (weight[:-1] >= _PAIR_CARRIES * heavier)
    weight[~paired] = 0
    # Of pairs that overlap only the one that is heavier than its neighbours, the first of equals.
    before, after = np.append(0, weight[:-1]), np.append(weight[1:], 0)
    paired &= (weight > before) & (weight >= after)
    return paired


def _without_words(found: Occurrences) -> Booleans:
    """Tokens of one plain letter, what is left of "'s" or "d'un", and numbers."""
    size = found.token_end - found.token_start
    short = np.flatnonzero(size <= _LONGEST_NUMBER)
    without = np.zeros(len(size), dtype=np.bool_)
    for place, start, end in zip(
        short.tolist(), found.token_start[short].tolist(), found.token_end[short].tolist(), strict=True
    ):
        token = found.joined[start:end]
        without[place] = token.isdigit() or (end - start == 1 and token.isalpha() and token < _LAST_LATIN)
    return without


@cache
def _everyday() -> Booleans:
    """Table of the features of words that say nothing."""
    table = np.zeros(FEATURES, dtype=np.bool_)
    table[word_features(COMMON)] = True
    table[word_features(SAYING_NOTHING)] = True
    return table
