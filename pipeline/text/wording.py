"""Why two ideas were taken for the same: the words they share and those in which they differ."""

from collections.abc import Sequence

from pipeline.core import IdeaText
from pipeline.text.features import WORD, occurrences
from pipeline.text.vectoriser import Vectoriser
from pipeline.text.words import COMMON, word_features

_NAMED = 5

Pairs = Sequence[tuple[IdeaText, IdeaText]]


def wordings(pairs: Pairs, vectoriser: Vectoriser) -> list[str]:
    """For each pair, say, "shared: printer, scannen; differs: kamer / hal": rarest first, at most five each.

    Language-neutral on purpose: whoever shows it translates the two labels.
    """
    numbers: dict[str, int] = {}
    places = [(_number(one, numbers), _number(other, numbers)) for one, other in pairs]
    words = _rare_words(list(numbers), vectoriser)
    return [_wording(words[ours], words[theirs]) for ours, theirs in places]


def _number(idea: IdeaText, numbers: dict[str, int]) -> int:
    return numbers.setdefault(idea.whole, len(numbers))


def _wording(ours: dict[str, float], theirs: dict[str, float]) -> str:
    parts = []
    if shared := _named({word: rarity for word, rarity in ours.items() if word in theirs}):
        parts.append(f"shared: {shared}")
    only_ours = _named({word: rarity for word, rarity in ours.items() if word not in theirs})
    only_theirs = _named({word: rarity for word, rarity in theirs.items() if word not in ours})
    if only_ours or only_theirs:
        parts.append(f"differs: {only_ours or '–'} / {only_theirs or '–'}")
    return "; ".join(parts)


def _rare_words(texts: list[str], vectoriser: Vectoriser) -> list[dict[str, float]]:
    """The words of each text with their rarity, without the common ones."""
    found = occurrences(texts)
    features = found.feature[found.kind == WORD]
    common = set(word_features(COMMON).tolist())
    words: list[dict[str, float]] = [{} for _ in texts]
    for text, start, end, feature, rarity in zip(
        found.token_text.tolist(),
        found.token_start.tolist(),
        found.token_end.tolist(),
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
