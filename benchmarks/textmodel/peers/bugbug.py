"""Bugbug, with which Mozilla moves bug reports to the component, and so the team, that must look at them.

Source: mozilla/bugbug at cd8ef6a76ea1, bugbug/models/component.py and bugbug/model_calibration.py; mozilla/bugbot
at 57834d56375a, configs/rules.json (a report is moved from a confidence of 0.35). Differences: an idea has none of
the fields of a bug report beside title and text; a fixed seed; one thread. Where the fifth kept for calibration
would leave a class without examples, it isn't calibrated, which its constructor allows too.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import train_test_split

from benchmarks.textmodel.measures import Floats
from benchmarks.textmodel.peers.common import ByProbability, at_least_two, texts_and_classes, version_of
from benchmarks.textmodel.systems import Material, NotTrainableError
from pipeline.core import IdeaText

CONFIDENCE = 0.35
_CALIBRATION_SHARE = 0.2
_CALIBRATION_SEED = 42
_LEAST_FREQUENCY = 0.0001


class Bugbug:
    """TF-IDF of title and text apart, gradient-boosted trees, isotonic calibration."""

    def __init__(self) -> None:
        self.name = "bugbug"
        self.version = version_of(Path(__file__))

    def fit(self, material: Material) -> ByProbability:
        classes, labels = np.unique(texts_and_classes(material)[1], return_inverse=True)
        at_least_two(classes.tolist(), "it learns from labelled texts alone")
        ideas = [example.idea for example in material.labelled]
        features = _Features(ideas)
        trees = _trees_calibrated(features.of(ideas), labels.astype(np.int64), len(classes))
        return ByProbability(
            classes.tolist(), lambda asked: trees(features.of(asked)), (CONFIDENCE, CONFIDENCE)
        )


class _Features:
    """TF-IDF of titles beside TF-IDF of texts; the former left out when no idea has a title."""

    def __init__(self, ideas: Sequence[IdeaText]) -> None:
        self._titles = TfidfVectorizer(min_df=_LEAST_FREQUENCY) if any(idea.title for idea in ideas) else None
        self._texts = TfidfVectorizer(min_df=_LEAST_FREQUENCY)
        try:
            if self._titles:
                self._titles.fit([idea.title for idea in ideas])
            self._texts.fit([idea.text for idea in ideas])
        except ValueError as error:
            raise NotTrainableError(str(error)) from error

    def of(self, ideas: Sequence[IdeaText]) -> sparse.csr_matrix:
        texts = self._texts.transform([idea.text for idea in ideas])
        if self._titles is None:
            return texts
        return sparse.hstack([self._titles.transform([idea.title for idea in ideas]), texts]).tocsr()


def _trees_calibrated(
    features: sparse.csr_matrix, labels: npt.NDArray[np.int64], classes: int
) -> Callable[[sparse.csr_matrix], Floats]:
    from xgboost import XGBClassifier

    trees = XGBClassifier(n_jobs=1, random_state=0)
    train, held_out = train_test_split(
        np.arange(len(labels)), test_size=_CALIBRATION_SHARE, random_state=_CALIBRATION_SEED
    )
    if len(np.unique(labels[train])) < classes or len(np.unique(labels[held_out])) < classes:
        trees.fit(features, labels)
        return lambda asked: trees.predict_proba(asked).astype(np.float64)
    trees.fit(features[train], labels[train])
    found = trees.predict_proba(features[held_out])
    # One curve for each class; scikit-learn's own calibrator wants two examples of every class in this fifth.
    curves = [
        IsotonicRegression(out_of_bounds="clip").fit(found[:, column], labels[held_out] == column)
        for column in range(classes)
    ]

    def calibrated(asked: sparse.csr_matrix) -> Floats:
        raised = trees.predict_proba(asked)
        bent = np.column_stack([curve.predict(raised[:, column]) for column, curve in enumerate(curves)])
        total = bent.sum(axis=1, keepdims=True)
        result: Floats = np.where(total > 0, bent / np.maximum(total, 1e-12), 1 / classes)
        return result

    return calibrated
