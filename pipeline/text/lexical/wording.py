"""Why two ideas were taken for the same: the words they share, those in which they differ, and the passages that match."""

from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np

from pipeline.core import IdeaText, Passage
from pipeline.text.lexical.features import find_words, hashed_words
from pipeline.text.lexical.vectoriser import Vectoriser
from pipeline.text.lexical.words import COMMON, word_features

TRANSLATED = "translated"
_NAMED = 5
_MARKED = 5
_WORDS_READ = 400  # of a longer text the beginning: finding passages takes time by the square

Pairs = Sequence[tuple[IdeaText, IdeaText]]


def wordings(pairs: Pairs, vectoriser: Vectoriser, *, by_meaning: Sequence[bool] | None = None) -> list[str]:
    """For each pair, say, "shared: printer, scannen; differs: kamer / hal": rarest first, at most five each.

    `by_meaning`: per pair whether the two mean the same in two languages. Then it says so, and that nearly all words
    differ need not be said: "translated; shared: P-104". Language-neutral on purpose: whoever shows it translates the labels.
    """
    numbers: dict[str, int] = {}
    places = [(_number(one, numbers), _number(other, numbers)) for one, other in pairs]
    words = _rare_words(list(numbers), vectoriser)
    return [
        _wording(words[ours], words[theirs], by_meaning=meant)
        for (ours, theirs), meant in zip(places, by_meaning or [False] * len(pairs), strict=True)
    ]


def passages(pairs: Pairs, vectoriser: Vectoriser) -> list[tuple[Passage, ...]]:
    """For each pair the words in a row that both have, the most telling ones, in the order of the first text.

    A passage holds at least one word that isn't a common one. How telling it is, is the sum of its words' rarity.
    """
    numbers: dict[str, int] = {}
    places = [(_number(one, numbers), _number(other, numbers)) for one, other in pairs]
    read = _read(list(numbers), vectoriser)
    return [_passages(read[ours], read[theirs]) for ours, theirs in places]


def _read(texts: list[str], vectoriser: Vectoriser) -> list[list[tuple[int, int, int, float]]]:
    """Of each text its words: hashed feature, begin, end and rarity, 0 for common words."""
    found = find_words(texts)
    features = hashed_words(found)
    rarity = np.where(np.isin(features, word_features(COMMON)), 0.0, vectoriser.rarity(features))
    begins = np.concatenate(([0], np.cumsum([len(text) + 1 for text in texts])))
    words: list[list[tuple[int, int, int, float]]] = [[] for _ in texts]
    for text, start, end, feature, weight in zip(
        found.text.tolist(),
        (found.start - begins[found.text]).tolist(),
        (found.end - begins[found.text]).tolist(),
        features.tolist(),
        rarity.tolist(),
        strict=True,
    ):
        if len(words[text]) < _WORDS_READ:
            words[text].append((feature, start, end, weight))
    return words


def _passages(
    ours: list[tuple[int, int, int, float]], theirs: list[tuple[int, int, int, float]]
) -> tuple[Passage, ...]:
    matcher = SequenceMatcher(None, [word[0] for word in ours], [word[0] for word in theirs], autojunk=False)
    told = []
    for here, there, size in matcher.get_matching_blocks():
        weight = sum(word[3] for word in ours[here : here + size])
        if weight > 0:
            span = (ours[here][1], ours[here + size - 1][2])
            told.append((-weight, Passage(span, (theirs[there][1], theirs[there + size - 1][2]))))
    told.sort(key=lambda each: (each[0], each[1].one))
    return tuple(sorted((passage for _, passage in told[:_MARKED]), key=lambda each: each.one))


def _number(idea: IdeaText, numbers: dict[str, int]) -> int:
    return numbers.setdefault(idea.whole, len(numbers))


def _wording(ours: dict[str, float], theirs: dict[str, float], *, by_meaning: bool) -> str:
    parts = [TRANSLATED] if by_meaning else []
    if shared := _named({word: rarity for word, rarity in ours.items() if word in theirs}):
        parts.append(f"shared: {shared}")
    if by_meaning:
        return "; ".join(parts)
    only_ours = _named({word: rarity for word, rarity in ours.items() if word not in theirs})
    only_theirs = _named({word: rarity for word, rarity in theirs.items() if word not in ours})
    if only_ours or only_theirs:
        parts.append(f"differs: {only_ours or '–'} / {only_theirs or '–'}")
    return "; ".join(parts)


def _rare_words(texts: list[str], vectoriser: Vectoriser) -> list[dict[str, float]]:
    """The words of each text with their rarity, without the common ones."""
    found = find_words(texts)
    features = hashed_words(found)
    common = set(word_features(COMMON).tolist())
    words: list[dict[str, float]] = [{} for _ in texts]
    for text, start, end, feature, rarity in zip(
        found.text.tolist(),
        found.start.tolist(),
        found.end.tolist(),
        features.tolist(),
        vectoriser.rarity(features).tolist(),
        strict=True,
    ):
        if feature not in common:
            words[text][found.joined[start:end].lower()] = rarity
    return words


def _named(words: dict[str, float]) -> str:
    rarest = sorted(words.items(), key=lambda item: (-item[1], item[0]))[:_NAMED]
    return ", ".join(word for word, _ in rarest)
