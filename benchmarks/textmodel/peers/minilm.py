"""What a practised engineer would try next: vectors of a small sentence encoder, and a logistic regression.

The encoder is all-MiniLM-L6-v2 (Apache-2.0, 22 million parameters, English): the usual small choice.
"""

from pathlib import Path

from sklearn.linear_model import LogisticRegression

from benchmarks.textmodel.measures import ACCEPTED
from benchmarks.textmodel.peers.common import ByProbability, version_of, with_definitions
from benchmarks.textmodel.peers.vectors import VectorStore
from benchmarks.textmodel.systems import Material

_INVERSE_PENALTY = (
    10.0  # unit vectors are short; scikit-learn's 1.0 would leave every probability near 1/classes
)


class MiniLm:
    """Trained on labelled ideas and definitions; probabilities as the logistic regression gives them."""

    def __init__(self) -> None:
        self.name = "minilm"
        self.version = version_of(Path(__file__))
        self._store = VectorStore()

    def fit(self, material: Material) -> ByProbability:
        texts, classes = with_definitions(material)
        machine = LogisticRegression(C=_INVERSE_PENALTY, max_iter=1_000)
        machine.fit(self._store.of(texts), classes)
        return ByProbability(
            machine.classes_.tolist(),
            lambda ideas: machine.predict_proba(self._store.of([idea.whole for idea in ideas])),
            (1 - ACCEPTED[0], 1 - ACCEPTED[1]),
        )
