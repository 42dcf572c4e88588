"""Plain values that travel between the parts of the pipeline.

Nothing here knows a database, a queue, a clock or the network: the shell gathers these values,
the core decides on them, and the shell records what was decided.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]


class Decision(StrEnum):
    """What the text model advises to do with an idea."""

    AUTO = "auto"  # sure enough to route without a person
    ASK = "ask"  # a person decides between the candidates
    NONE = "none"  # fits none of the frameworks


class Sameness(StrEnum):
    """What the pair model says of two ideas."""

    SAME = "same"  # linked at once
    MAYBE = "maybe"  # suggested to a person
    NEW = "new"  # not the same idea


@dataclass(frozen=True, slots=True)
class LimitText:
    """One thing that falls outside a framework, with the reason."""

    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class FrameworkText:
    """What the text model may know of one framework version."""

    slug: str
    title: str
    description: str = ""
    goal: str = ""
    limits: tuple[LimitText, ...] = ()
    examples: tuple[str, ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True)
class IdeaText:
    """The words of one idea. `id` is whatever the caller uses to recognise it."""

    id: str
    text: str
    title: str = ""

    @property
    def whole(self) -> str:
        return f"{self.title}\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class LabelledIdea:
    """An idea on which a person has spoken. `framework` is None when it fits none."""

    idea: IdeaText
    framework: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """An expression of the idea that spoke for (weight > 0) or against (weight < 0) a framework."""

    expression: str
    weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One framework with the calibrated probability, in [0, 1], that the idea belongs to it."""

    framework: str
    probability: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class TouchedLimit:
    """A limit of a framework that the idea seems to touch; `score` in [0, 1]. Never a refusal."""

    framework: str
    limit: str
    score: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the text model read in one idea.

    `candidates` are ranked, best first, and never empty as long as a framework exists;
    `probability_none` in [0, 1] is the probability that none of them fits;
    `vector` has unit length, float32, shape (dimensions of the vector space,).
    """

    candidates: tuple[Candidate, ...]
    probability_none: float
    decision: Decision
    language: str
    vector: Vector = field(compare=False, repr=False)
    limits: tuple[TouchedLimit, ...] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An idea close to another in the vector space; `cosine` in [-1, 1]."""

    key: int
    cosine: float


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """What the pair model says of two ideas: a calibrated probability and why."""

    probability: float
    sameness: Sameness
    reason: str
