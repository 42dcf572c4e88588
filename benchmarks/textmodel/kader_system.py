"""Kader itself, as one of the systems."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import pipeline.text
from benchmarks.textmodel.measures import ACCEPTED, Answers
from benchmarks.textmodel.systems import Material, source_version
from benchmarks.textmodel.task import PROJECT
from pipeline.core import Decision, IdeaText
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.model import TextModel
from pipeline.text.training import learn

CACHE = PROJECT / os.environ.get("KADER_CACHE", "var") / "vectors"


class Kader:
    """The text model as it is in service, with a threshold for each accepted error."""

    def __init__(self, encoder: str = "none", *, name: str | None = None) -> None:
        self.name = name or ("kader" if encoder == "none" else f"kader+{encoder}")
        self._encoder = load_encoder(encoder, cache=CACHE)
        self.version = source_version(*_what_answers_hang_on(with_own_encoder=encoder == "builtin"))

    def fit(self, material: Material) -> "KaderPredictor":
        learned = learn(material.frameworks, material.labelled, encoder=self._encoder, corpus=material.corpus)
        return KaderPredictor([learned.model(accepted) for accepted in ACCEPTED])


def _what_answers_hang_on(*, with_own_encoder: bool) -> list[Path]:
    """The text model's files, but those that only explain or find duplicates, or hold numbers of an encoder that isn't
    asked.
    """
    folder = Path(pipeline.text.__file__ or "").parent
    aside = [folder / "duplicates", folder / "explaining"]
    if not with_own_encoder:
        aside.append(folder / "encoders" / "nl_en")
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not any(map(path.is_relative_to, aside))
    ]


class KaderPredictor:
    """One model for each accepted error; they differ in nothing but when they decide alone."""

    def __init__(self, models: Sequence[TextModel]) -> None:
        self._models = models

    def predict(self, ideas: Sequence[IdeaText]) -> Answers:
        read = [model.read(ideas) for model in self._models]
        best = [reading.candidates[0] for reading in read[0]]
        return Answers(
            labels=tuple(candidate.framework for candidate in best),
            confidence=np.array([candidate.probability for candidate in best]),
            none=np.array([reading.probability_none for reading in read[0]]),
            auto=np.array([[reading.decision is Decision.AUTO for reading in each] for each in read]),
        )
