"""The seam for systems under measurement: what each may see, and what it must answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.textmodel.measures import Answers
from benchmarks.textmodel.task import Task
from pipeline.core import FrameworkText, IdeaText, LabelledIdea


class NotTrainableError(Exception):
    """The system, as its makers built it, can't learn from so little; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Material:
    """All that a system may learn from; `language` is a two-letter code, for stop words and stems."""

    frameworks: tuple[FrameworkText, ...]
    labelled: tuple[LabelledIdea, ...]
    corpus: tuple[str, ...]
    language: str

    @classmethod
    def of(cls, task: Task) -> "Material":
        return cls(task.frameworks, task.labelled, task.corpus, task.language)


class Predictor(Protocol):
    """What a system has become after learning."""

    def predict(self, ideas: Sequence[IdeaText]) -> Answers:
        """Answer every idea, and say for each of `ACCEPTED` whether to decide alone."""


class System(Protocol):
    """Something that learns to route ideas."""

    @property
    def name(self) -> str:
        """How it is called in tables."""

    @property
    def version(self) -> str:
        """Changes whenever answers may change, so that results of an older version are never mixed in."""

    def fit(self, material: Material) -> Predictor:
        """Learn. Raises NotTrainableError when the material is too little for this system."""


def source_version(*paths: Path) -> str:
    """A hash over files."""
    content = hashlib.sha256()
    for path in sorted(paths):
        content.update(path.read_bytes())
    return content.hexdigest()[:12]
