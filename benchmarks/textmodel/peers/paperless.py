"""Paperless-ngx, which files documents under the correspondents and types that people gave to earlier ones.

Source: paperless-ngx/paperless-ngx at b0e0e8a35373, src/documents/classifier.py. It has no threshold: every answer
is applied. "Fits none" is a class of its own there, as here. It is made for whole documents: of short texts, few
words are in one of a hundred. Differences: a fixed seed, and no tokeniser after the expression that splits words.
"""

import re
import warnings
from collections.abc import Callable
from pathlib import Path

from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline

from benchmarks.textmodel.peers.common import ByProbability, at_least_two, texts_and_classes, version_of
from benchmarks.textmodel.peers.words import stemmer, stop_words
from benchmarks.textmodel.systems import Material, NotTrainableError


class Paperless:
    """Counts of words and pairs that at least one in a hundred texts has, and a small neural network."""

    def __init__(self) -> None:
        self.name = "paperless"
        self.version = version_of(Path(__file__))

    def fit(self, material: Material) -> ByProbability:
        texts, classes = texts_and_classes(material)
        at_least_two(classes, "it learns from labelled texts alone")
        pipeline = Pipeline(
            [
                (
                    "count",
                    CountVectorizer(
                        preprocessor=_preprocessor(material.language), ngram_range=(1, 2), min_df=0.01
                    ),
                ),
                ("machine", MLPClassifier(tol=0.01, random_state=0)),
            ]
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # it lets training end there as well
            try:
                pipeline.fit(texts, classes)
            except ValueError as error:  # no word is in one text of a hundred, or all are stop words
                raise NotTrainableError(str(error)) from error
        return ByProbability(
            pipeline.classes_.tolist(),
            lambda ideas: pipeline.predict_proba([idea.whole for idea in ideas]),
            (0.0, 0.0),
        )


def _preprocessor(language: str) -> Callable[[str], str]:
    stem, ignored = stemmer(language), stop_words(language)

    def preprocess(text: str) -> str:
        words = re.findall(r"\w+", text.lower())
        # A word with a digit in it, such as a number or a code, keeps its ending.
        return " ".join(
            word if re.search(r"\d", word) else stem(word) for word in words if word not in ignored
        )

    return preprocess
