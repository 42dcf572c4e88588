"""Which sentence of a framework's own text an idea resembles most: its title, description, goal and examples."""

import re
from collections.abc import Sequence

import numpy as np

from pipeline.core import FrameworkText, Quote
from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.sentences import Passages, Sentences, highest, sentences
from pipeline.text.lexical.vectoriser import Vectoriser

# Of the demo ideas, 30 % reach it with a sentence of their own framework, 3 % with one of any given other.
QUOTED_FROM = 0.18
_LONG, _SHORT = 120, 30
_PAUSE = re.compile(r"(?<=[,;:])(?= )")


class QuoteIndex:
    """The sentences of all frameworks; `words`: those of each framework, as they were written."""

    def __init__(self, words: Sequence[Sequence[str]], passages: Passages) -> None:
        self.words = tuple(tuple(each) for each in words)
        self.passages = passages

    @classmethod
    def fit(cls, frameworks: Sequence[FrameworkText], vectoriser: Vectoriser) -> "QuoteIndex":
        words = [_sentences(framework, vectoriser) for framework in frameworks]
        return cls(words, Passages.fit(words, vectoriser))

    def best(self, sentences: Sentences, frameworks: Integers) -> list[tuple[Quote | None, ...]]:
        """For each text and each framework asked about, the sentence that it resembles most.

        `frameworks`: (texts, asked frameworks). None where nothing resembles it. The cosine is that of the closest
        sentence of the idea.
        """
        texts, asked = frameworks.shape
        if not self.passages.widest or not len(sentences.text):
            return [(None,) * asked for _ in range(texts)]
        cosines = self.passages.likeness(sentences.matrix, frameworks[sentences.text])
        best = highest(cosines, sentences.text, texts)
        place = best.argmax(axis=2)
        cosine = np.round(np.take_along_axis(best, place[:, :, None], axis=2)[:, :, 0], 4)
        return [
            tuple(
                Quote(self.words[framework][at], close) if close >= QUOTED_FROM else None
                for framework, at, close in zip(*row, strict=True)
            )
            for row in zip(
                frameworks.tolist(), place.tolist(), cosine.astype(np.float64).round(4).tolist(), strict=True
            )
        ]


def _sentences(framework: FrameworkText, vectoriser: Vectoriser) -> list[str]:
    """Limits say what a framework isn't about, so they're no reason for it."""
    parts = [framework.title, framework.description, framework.goal, *framework.examples]
    divided = sentences(vectoriser.read(parts))
    whole = [divided.words(number) for number in range(len(divided.text))]
    # A single word says no more than the word of the idea that resembles it.
    pieces = (piece for sentence in whole for piece in _pieces(sentence) if " " in piece)
    return list(dict.fromkeys(pieces))


def _pieces(sentence: str) -> list[str]:
    """A long sentence, which usually sums up, in pieces that each say something."""
    if len(sentence) <= _LONG:
        return [sentence]
    pieces = [""]
    for part in _PAUSE.split(sentence):
        if len(pieces[-1]) >= _SHORT:
            pieces.append(part)
        else:
            pieces[-1] += part
    if len(pieces) > 1 and len(pieces[-1]) < _SHORT:
        last = pieces.pop()
        pieces[-1] += last
    return [piece.strip(" ,;:") for piece in pieces]
