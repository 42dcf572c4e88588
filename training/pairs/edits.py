"""Makes variants of texts for training the pair model: resent with small changes, or filled in differently."""

import random
import re

from pipeline.core import IdeaText
from pipeline.text.lexical.words import COMMON

Pairs = list[tuple[IdeaText, IdeaText]]

_BEFORE = (
    "Hallo, ik heb een idee. ",
    "Idee: ",
    "Beste collega's, ",
    "Hi, here is my idea. ",
    "Suggestion: ",
    "Nogmaals: ",
)
_AFTER = (
    " Alvast bedankt!",
    " Ik hoor graag wat jullie ervan vinden.",
    " Dit heb ik al eens eerder gevraagd.",
    " Thanks in advance.",
    " I would be happy to help with this.",
    " Op andere plekken werkt dit al goed.",
)
_DENYING = ("niet", "geen", "nooit", "not", "never", "without", "zonder")
_COMMON = frozenset(COMMON.split())
_SHORTEST_CONTENT = 5
_PLACES = ("Almelo", "Breda", "Delft", "Emmen", "Gouda", "Heerlen", "Venlo", "Leeds", "Bristol", "York")


def edited(texts: list[str], *, seed: int = 0) -> list[tuple[str, tuple[IdeaText, IdeaText]]]:
    """Pairs with their kind: "same" for a text sent in again, "related" for a template filled in differently."""
    chance = random.Random(seed)  # noqa: S311  # training material, nothing secret
    everything = [word for text in texts for word in _content(text)]
    made: list[tuple[str, tuple[IdeaText, IdeaText]]] = []
    for number, text in enumerate(texts):
        one = IdeaText(f"{number}", text)
        resent = _mistyped(_dropped(text, chance), chance) if chance.random() < 0.5 else text
        resent = chance.choice(
            (chance.choice(_BEFORE) + resent, resent + chance.choice(_AFTER), resent.lower())
        )
        made.append(("same", (one, IdeaText(f"{number}-again", resent))))
        made.append(("same", (one, IdeaText(f"{number}-typed", _mistyped(_dropped(text, chance), chance)))))
        made.append(("related", (one, IdeaText(f"{number}-other", _refilled(text, everything, chance)))))
        here, there = chance.sample(_PLACES, 2)
        floor, other = chance.sample(range(1, 30), 2)
        made.append(
            (
                "related",
                (IdeaText(f"{number}-a", f"{text} ({here})"), IdeaText(f"{number}-b", f"{text} ({there})")),
            )
        )
        made.append(
            (
                "related",
                (IdeaText(f"{number}-c", f"{floor}. {text}"), IdeaText(f"{number}-d", f"{other}. {text}")),
            )
        )
        words = text.split()
        place = chance.randrange(1, len(words))
        denied = " ".join([*words[:place], chance.choice(_DENYING), *words[place:]])
        made.append(("related", (one, IdeaText(f"{number}-denied", denied))))
        made.extend(_short(number, text, everything, chance))
        made.extend(_long(number, texts, chance))
    return made


def _short(
    number: int, text: str, everything: list[str], chance: random.Random
) -> list[tuple[str, tuple[IdeaText, IdeaText]]]:
    """A few words each, like a subject line: one or two words in common are not the same idea."""
    content = _content(text)
    words = chance.sample(content, min(len(content), chance.choice((1, 2, 3))))
    others = chance.sample(everything, 5)
    idea = IdeaText(f"{number}-subject", " ".join([*words, *others[: chance.choice((0, 1))]]))
    again = " ".join(
        [chance.choice(("de", "een", "het idee", "the", "about", "over")), *reversed(idea.text.split())]
    )
    common = chance.sample(sorted(_COMMON), 3)
    return [
        ("same", (idea, IdeaText(f"{number}-subject-again", again))),
        ("related", (idea, IdeaText(f"{number}-subject-other", " ".join([words[0], *common, *others[1:3]])))),
        ("related", (idea, IdeaText(f"{number}-subject-more", " ".join([*words, common[0], *others[1:3]])))),
        (
            "different",
            (idea, IdeaText(f"{number}-subject-few", " ".join([*others[1:3], common[0], words[-1]]))),
        ),
    ]


def _long(
    number: int, texts: list[str], chance: random.Random
) -> list[tuple[str, tuple[IdeaText, IdeaText]]]:
    """Long texts: sent in again they are the same; sharing a part, or holding a short one, makes no twin."""
    text, second, *others = [texts[number], *chance.sample(texts, 7)]
    size = chance.randrange(2, 5)
    long = " ".join([text, second, *others[:size]])
    half = " ".join([text, second, *others[size : 2 * size - 1]])
    again = _mistyped(_dropped(long, chance), chance) + chance.choice(_AFTER)
    words = long.split()
    few = " ".join(chance.sample(words, 5))
    idea = IdeaText(f"{number}-long", long)
    return [
        ("same", (idea, IdeaText(f"{number}-long-again", again))),
        ("related", (idea, IdeaText(f"{number}-half", half))),
        ("related", (idea, IdeaText(f"{number}-within", second))),
        ("different", (idea, IdeaText(f"{number}-few", few))),
        ("different", (idea, IdeaText(f"{number}-distant", " ".join(others[size:])))),
    ]


def _content(text: str) -> list[str]:
    words = re.findall(r"\w+", text)
    return [word for word in words if len(word) >= _SHORTEST_CONTENT and word.lower() not in _COMMON]


def _mistyped(text: str, chance: random.Random) -> str:
    """Two letters of one longer word change places."""
    word = chance.choice(_content(text) or [text])
    place = chance.randrange(1, max(len(word) - 2, 2))
    return text.replace(word, word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :], 1)


def _dropped(text: str, chance: random.Random) -> str:
    """One common word is left out."""
    words = text.split()
    common = [place for place, word in enumerate(words) if word.lower() in _COMMON]
    if common:
        del words[chance.choice(common)]
    return " ".join(words)


def _refilled(text: str, others: list[str], chance: random.Random) -> str:
    """One or two of the words that carry the meaning make way for words of other ideas."""
    content = _content(text)
    for word in chance.sample(content, min(len(content), chance.choice((1, 2)))):
        text = text.replace(word, chance.choice(others))
    return text


def edited_once(text: str, chance: random.Random) -> str:
    """A text as somebody would send it again: a sentence more or less, a typing error, another order."""
    sentences = re.split(r"(?<=[.!?]) ", text)
    if len(sentences) > 2 and chance.random() < 0.5:
        del sentences[chance.randrange(len(sentences))]
    if len(sentences) > 2 and chance.random() < 0.3:
        chance.shuffle(sentences)
    text = " ".join(sentences)
    if chance.random() < 0.5:
        text = _mistyped(_dropped(text, chance), chance)
    before, after = chance.choice(("", "", *_BEFORE)), chance.choice(("", "", *_AFTER))
    return before + text + after
