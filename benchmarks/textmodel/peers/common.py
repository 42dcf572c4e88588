"""What the peers share: one way from class probabilities to answers."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.textmodel.measures import Answers, Floats
from benchmarks.textmodel.systems import Material, NotTrainableError, source_version
from pipeline.core import FrameworkText, IdeaText

FITS_NONE = ""  # the class of labelled ideas that fit none; no framework has an empty slug


class ByProbability:
    """Answers from class probabilities: the likeliest framework, alone from `automatic_from` on.

    `classes` are slugs, and perhaps `FITS_NONE`; `probabilities` maps n ideas to (n, classes). `automatic_from`
    has one confidence for each accepted error.
    """

    def __init__(
        self,
        classes: Sequence[str],
        probabilities: Callable[[Sequence[IdeaText]], Floats],
        automatic_from: tuple[float, float],
    ) -> None:
        self._classes = list(classes)
        self._probabilities = probabilities
        self._automatic_from = automatic_from

    def predict(self, ideas: Sequence[IdeaText]) -> Answers:
        found = self._probabilities(ideas)
        frameworks = [column for column, name in enumerate(self._classes) if name != FITS_NONE]
        within = found[:, frameworks]
        confidence = within.max(axis=1)
        none = found[:, self._classes.index(FITS_NONE)] if FITS_NONE in self._classes else 1 - confidence
        is_framework = (confidence >= none) | (FITS_NONE not in self._classes)
        return Answers(
            labels=tuple(self._classes[frameworks[best]] for best in within.argmax(axis=1)),
            confidence=confidence,
            none=none,
            auto=np.array([(confidence >= least) & is_framework for least in self._automatic_from]),
        )


def version_of(module: Path) -> str:
    """The version of the peer in the file `module`, of which what the peers share is a part."""
    return source_version(module, Path(__file__), Path(__file__).with_name("words.py"))


def texts_and_classes(material: Material) -> tuple[list[str], list[str]]:
    """The labelled ideas as texts and classes."""
    texts = [example.idea.whole for example in material.labelled]
    return texts, [example.framework or FITS_NONE for example in material.labelled]


def with_definitions(material: Material) -> tuple[list[str], list[str]]:
    """The same, with what is known of each framework as one example of it."""
    texts, classes = texts_and_classes(material)
    defined = [definition(framework) for framework in material.frameworks]
    return [*texts, *defined], [*classes, *(framework.slug for framework in material.frameworks)]


def definition(framework: FrameworkText) -> str:
    """Everything a framework says of itself, as one text."""
    return "\n".join(
        filter(None, (framework.title, framework.description, framework.goal, *framework.examples))
    )


def at_least_two(classes: Sequence[str], why: str) -> None:
    """Refuse material with fewer than two classes."""
    if len(set(classes)) < 2:
        raise NotTrainableError(why)


def softmax(scores: Floats) -> Floats:
    """Rows of probabilities; for scores that nothing could calibrate."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = raised / raised.sum(axis=1, keepdims=True)
    return result
