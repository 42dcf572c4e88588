"""Text models that break in one way, built on the real one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.core import IdeaText, PairVerdict, Reading, Sameness
from pipeline.text.duplicates.pairs import PairModel, Translated
from pipeline.text.duplicates.resemblance import Evidence
from pipeline.text.model import TextModel


class ChokingModel(TextModel):
    """Can't read texts that hold a word."""

    def __init__(self, model: TextModel, word: str) -> None:
        super().__init__(model.parts)
        self.word = word
        self.batches: list[int] = []

    def read(self, ideas: Sequence[IdeaText]) -> list[Reading]:
        self.batches.append(len(ideas))
        if any(self.word in idea.text for idea in ideas):
            raise RecursionError("too deep")
        return super().read(ideas)


class OverconfidentPairs(PairModel):
    """Gives pairs with a word a probability that no table accepts, and a reason in people's own words, as always."""

    word = "onmogelijk"

    def compare(
        self,
        pairs: Sequence[tuple[IdeaText, IdeaText]],
        cosines: npt.NDArray[np.floating],
        context: Evidence | None = None,
        translated: Translated | None = None,
    ) -> list[PairVerdict]:
        verdicts = super().compare(pairs, cosines, context, translated)
        return [
            PairVerdict(1.5, Sameness.MAYBE, pair[0].text) if self.word in pair[0].text else verdict
            for pair, verdict in zip(pairs, verdicts, strict=True)
        ]


class ChokingPairs(PairModel):
    """Can't compare texts that hold a word, and quotes them in its error."""

    word = "onvergelijkbaar"

    def compare(
        self,
        pairs: Sequence[tuple[IdeaText, IdeaText]],
        cosines: npt.NDArray[np.floating],
        context: Evidence | None = None,
        translated: Translated | None = None,
    ) -> list[PairVerdict]:
        for one, _ in pairs:
            if self.word in one.text:
                raise RuntimeError(f"what is this: {one.text}")
        return super().compare(pairs, cosines, context, translated)


class BrokenPairs(PairModel):
    """Says something of a pair with a word that nobody can decide on."""

    word = "onbeslisbaar"

    def compare(
        self,
        pairs: Sequence[tuple[IdeaText, IdeaText]],
        cosines: npt.NDArray[np.floating],
        context: Evidence | None = None,
        translated: Translated | None = None,
    ) -> list[PairVerdict]:
        verdicts = super().compare(pairs, cosines, context, translated)
        return [
            PairVerdict("high", Sameness.MAYBE, "")  # type: ignore[arg-type]  # what must not stop the others
            if self.word in pair[0].text
            else verdict
            for pair, verdict in zip(pairs, verdicts, strict=True)
        ]
