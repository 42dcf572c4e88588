"""What a text model says of labelled ideas that it hasn't seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.core import Decision, FrameworkText, LabelledIdea
from pipeline.evaluating.splits import Split
from pipeline.text.encoders.encoder import Encoder
from pipeline.text.training import train


@dataclass(frozen=True, slots=True)
class Answer:
    """The best guess for an idea, the probability in [0, 1] that it is right, and what would have been done.

    `truth`: what a person said; None when it fits none.
    """

    truth: str | None
    framework: str
    probability: float
    decision: Decision

    @property
    def is_right(self) -> bool:
        return self.framework == self.truth


def answers(
    frameworks: Sequence[FrameworkText],
    labelled: Sequence[LabelledIdea],
    splits: Sequence[Split],
    *,
    max_error: float,
    encoder: Encoder | None = None,
    corpus: Sequence[str] | None = None,
    auto_without_labels: float | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Answer]:
    """One answer for each idea that a split has answered, in that order.

    `corpus`: texts of ideas without a label, which training has as well; those that are answered are left out. None
    means the ideas that are answered themselves, as in `kader classify`. `progress` is told how many answers there are.
    Raises UserError as training does.
    """
    found: list[Answer] = []
    for split in splits:
        asked = [labelled[place].idea for place in split.answered]
        texts = {idea.whole for idea in asked}
        model = train(
            frameworks,
            [labelled[place] for place in split.learned],
            max_error=max_error,
            encoder=encoder,
            corpus=[idea.whole for idea in asked]
            if corpus is None
            else [each for each in corpus if each not in texts],
            auto_without_labels=auto_without_labels,
        )
        for place, reading in zip(split.answered, model.read(asked), strict=True):
            best = reading.candidates[0]
            found.append(
                Answer(labelled[place].framework, best.framework, best.probability, reading.decision)
            )
        progress(len(found))
    return found
