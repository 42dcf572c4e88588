"""Plain values that travel between the parts of the pipeline.

Nothing here knows a database, a queue, a clock or the network: the shell gathers these values,
the core decides on them, and the shell records what was decided.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
Words = npt.NDArray[np.int64]


def no_words() -> Words:
    return np.zeros(0, dtype=np.int64)


class Decision(StrEnum):
    """What the text model advises to do with an idea."""

    AUTO = "auto"  # sure enough to route without a person
    ASK = "ask"  # a person decides between the candidates
    NONE = "none"  # fits none of the frameworks


class PlacedBy(StrEnum):
    """Who chose the framework of an idea, or that it fits none."""

    PERSON = "person"
    MACHINE = "machine"


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
    """The words of one idea. `id` is whatever the caller uses to recognise it.

    `language`: in which language it was likely written as far as is known beforehand (that of its submitter, say), for
    texts too short to tell; empty when nothing is known.
    """

    id: str
    text: str
    title: str = ""
    language: str = ""

    @property
    def whole(self) -> str:
        return f"{self.title}\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class LabelledIdea:
    """An idea on which a person has spoken. `framework` is None when it fits none."""

    idea: IdeaText
    framework: str | None


# In place of an expression: the idea's meaning as a whole, which the sentence vectors of an encoder tell. No expression
# looks like it; what shows reasons to people has words for it.
MEANING = "<meaning>"


@dataclass(frozen=True, slots=True)
class Reason:
    """An expression of the idea, or MEANING, that spoke for (weight > 0) or against (weight < 0) a framework.

    The weight is its exact share of the score: of the best framework compared with the average one, of the
    runner-up compared with the best. Only the most telling expressions are named; with those that aren't, all weights
    add up to the score that the words and sentence vectors give.
    """

    expression: str
    weight: float


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a framework's own text that the idea resembles; `cosine` in [0, 1]."""

    sentence: str
    cosine: float


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier idea, by its id, on which a person decided; `framework` is None when it fits none.

    `likeness` is its cosine to the idea at hand, in [0, 1].
    """

    idea: str
    framework: str | None
    likeness: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One framework with the calibrated probability, in [0, 1], that the idea belongs to it."""

    framework: str
    probability: float
    reasons: tuple[Reason, ...] = ()
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class TouchedLimit:
    """A limit of a framework that the idea seems to touch. Never a refusal.

    `score`: the probability, in [0, 1], that it really does.
    """

    framework: str
    limit: str
    score: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the text model read in one idea.

    `candidates` are ranked, best first, and never empty as long as a framework exists;
    `probability_none` in [0, 1] is the probability that none of them fits;
    `vector` has unit length, float32, shape (dimensions of the vector space,);
    `limits` are those of the best two candidates; `precedents` the nearest earlier ideas that a person decided on;
    `rare` are its rarest words as hashed features, ascending (see `pipeline.text.lexical.rare`).
    """

    candidates: tuple[Candidate, ...]
    probability_none: float
    decision: Decision
    language: str
    vector: Vector = field(compare=False, repr=False)
    limits: tuple[TouchedLimit, ...] = ()
    precedents: tuple[Precedent, ...] = ()
    rare: Words = field(default_factory=no_words, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An idea close to another in the vector space; `cosine` in [-1, 1]."""

    key: int
    cosine: float


@dataclass(frozen=True, slots=True)
class Passage:
    """The same words in two ideas: where they begin and end in the `whole` of the one and of the other."""

    one: tuple[int, int]
    other: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """What the pair model says of two ideas: a calibrated probability, and why.

    `passages`: what the two have in common word for word, in the order of the first; at most a handful.
    """

    probability: float
    sameness: Sameness
    reason: str
    passages: tuple[Passage, ...] = ()
