"""What a sentence asks for, without what it says it leaves alone; and what a limit is about, without its "geen".

"Een moestuin; er hoeft niets gebouwd te worden" asks for no building. And a limit "Geen nieuwbouw" is touched by who wants
to build, not by who wants nothing built. Sentence vectors and words alike hardly see the difference, so those parts
are taken away before a sentence and a limit are compared.
"""

import re

from pipeline.text.explaining.amounts import without_bounds
from pipeline.text.lexical.words import COMMON, NEGATIONS, SAYING_NOTHING

_SAYING_LITTLE = frozenset(f"{COMMON} {NEGATIONS} {SAYING_NOTHING}".split())
_WORD = re.compile(r"[^\W_][\w'’-]*")
_CLAUSE = re.compile(r"[^,.;:!?]+")
# A clause is left out from the first of these words on, and as a whole when it says one of those.
_WITHOUT = re.compile(r"\b(?:zonder|geen|without|no)\b", re.IGNORECASE)
_UNTOUCHED = re.compile(
    r"\b(?:niet nodig|hoeft niet|hoeven niet|hoeft niets|niet verplicht|blijven gewoon|blijft zoals|huidige|bestaande|"
    r"not needed|isn't needed|not necessary|don't need|needn't|isn't compulsory|current|existing)\b",
    re.IGNORECASE,
)
_FORBIDDING = re.compile(r"\b(?:geen|niet|niets|zonder|alleen|no|not|without|only|nothing)\b", re.IGNORECASE)


def asked_for(sentence: str) -> str:
    """`sentence` without what it says it leaves alone; empty when little remains that says something."""
    kept = _CLAUSE.sub(_asked_for, sentence)
    if kept == sentence:
        return sentence
    return kept if any(word not in _SAYING_LITTLE for word in _words(kept)) else ""


def _asked_for(clause: re.Match[str]) -> str:
    said = clause.group()
    if _UNTOUCHED.search(said):
        return " "
    without = _WITHOUT.search(said)
    return said[: without.start()] if without else said


def subject(title: str) -> str:
    """What the title of a limit is about: without "geen", "alleen" and amounts; the title itself if nothing remains."""
    about = _FORBIDDING.sub(" ", without_bounds(title))
    return about if _WORD.search(about) else title


def telling_words(text: str) -> list[str]:
    """The words of `text` that say something, in lower case and in order; all of them if none does."""
    words = _words(text)
    return [
        word for word in words if word not in _SAYING_LITTLE and len(word) > 1 and not word.isdigit()
    ] or words


def _words(text: str) -> list[str]:
    return [match.group().lower() for match in _WORD.finditer(text)]
