"""What a practised engineer would try first: TF-IDF of words and letters, and a linear support vector machine."""

import warnings
from collections import Counter
from pathlib import Path

from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.svm import LinearSVC

from benchmarks.textmodel.measures import ACCEPTED
from benchmarks.textmodel.peers.common import ByProbability, softmax, version_of, with_definitions
from benchmarks.textmodel.systems import Material

_FOLDS = 5


class Svm:
    """Trained on labelled ideas and definitions; probabilities by Platt's sigmoid on held-out margins."""

    def __init__(self) -> None:
        self.name = "svm"
        self.version = version_of(Path(__file__))

    def fit(self, material: Material) -> ByProbability:
        texts, classes = with_definitions(material)
        folds = min(_FOLDS, *Counter(classes).values())
        features = FeatureUnion(
            [
                ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)),
                ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)),
            ]
        )
        machine = LinearSVC(random_state=0)
        is_calibrated = folds > 1
        if is_calibrated:
            machine = CalibratedClassifierCV(machine, cv=folds, ensemble=False)
        pipeline = Pipeline([("features", features), ("machine", machine)])
        with warnings.catch_warnings():
            # With one example for each class it suspects a regression.
            warnings.filterwarnings("ignore", message="The number of unique classes", category=UserWarning)
            pipeline.fit(texts, classes)
        return ByProbability(
            pipeline.classes_.tolist(),
            lambda ideas: (
                pipeline.predict_proba([idea.whole for idea in ideas])
                if is_calibrated
                else softmax(
                    pipeline.decision_function([idea.whole for idea in ideas]).reshape(len(ideas), -1)
                )
            ),
            (1 - ACCEPTED[0], 1 - ACCEPTED[1]),
        )
