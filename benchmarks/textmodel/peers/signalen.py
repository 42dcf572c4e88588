"""Signalen, with which Dutch cities route citizens' reports to departments.

Source: Signalen/classification at 74d1b335f014, app/engine.py; Amsterdam/signals-frontend at 667be89a9921,
src/shared/services/resolveClassification/index.js (minimum certainty 0.41).
Differences: class weight and word pairs are searched as there, but not the two numbers of iterations, which end
alike; the language is the set's instead of always Dutch. A class needs more than 50 examples there, which leaves
out most of what is measured here, so `signalen_all` keeps every class.
"""

import re
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline

from benchmarks.textmodel.peers.common import ByProbability, at_least_two, texts_and_classes, version_of
from benchmarks.textmodel.peers.words import stemmer, stop_words
from benchmarks.textmodel.systems import Material

MINIMUM_CERTAINTY = 0.41
LEAST_EXAMPLES = 51
_FOLDS = 5


class Signalen:
    """Stemmed words, lengths normalised, and an L1 logistic regression for each class."""

    def __init__(self, *, every_class: bool = False) -> None:
        self.name = "signalen_all" if every_class else "signalen"
        self.version = version_of(Path(__file__))
        self._least = 1 if every_class else LEAST_EXAMPLES

    def fit(self, material: Material) -> ByProbability:
        first = dict(reversed(list(zip(*texts_and_classes(material), strict=True))))
        number = Counter(first.values())
        kept = {text: label for text, label in first.items() if number[label] >= self._least}
        at_least_two(list(kept.values()), f"fewer than two classes have {self._least} examples or more")
        folds = max(2, min(_FOLDS, *(number[label] for label in set(kept.values()))))
        search = GridSearchCV(
            _pipeline(material.language),
            {
                "machine__estimator__class_weight": [None, "balanced"],
                "count__ngram_range": [(1, 1), (1, 2)],
            },
            cv=folds,
        )
        with warnings.catch_warnings():
            # It trains on, there as here, where classes are small or liblinear stops early.
            warnings.simplefilter("ignore", UserWarning)
            search.fit(list(kept), list(kept.values()))
        return ByProbability(
            search.classes_.tolist(),
            lambda ideas: search.predict_proba([idea.whole for idea in ideas]),
            (MINIMUM_CERTAINTY, MINIMUM_CERTAINTY),
        )


def _pipeline(language: str) -> Pipeline:
    ignored = stop_words(language)
    return Pipeline(
        [
            ("count", CountVectorizer(preprocessor=_preprocessor(language), stop_words=sorted(ignored))),
            ("weigh", TfidfTransformer(norm="l2", use_idf=False)),
            # One against the rest, which is what liblinear made of many classes; l1_ratio 1 is an L1 penalty.
            (
                "machine",
                OneVsRestClassifier(
                    LogisticRegression(l1_ratio=1.0, solver="liblinear", max_iter=500, random_state=0)
                ),
            ),
        ]
    )


def _preprocessor(language: str) -> Callable[[str], str]:
    stem, ignored = stemmer(language), stop_words(language)

    def preprocess(text: str) -> str:
        words = re.sub(r"\W", " ", text.lower()).split()
        return " ".join(word if word in ignored else stem(word) for word in words)

    return preprocess
