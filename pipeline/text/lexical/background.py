"""How rare words and n-grams are in everyday Dutch and English: what a few dozen ideas can't tell.

An organisation that begins has few texts, and in few texts "voor" and "buurt" seem as telling as "fietsenstalling".
The counts that come with Kader (made by `training/background.py`, figures only) stand in until there is more.
They count for as many documents as the texts are Dutch or English: other languages rely on their own texts.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.text.lexical.features import Integers
from pipeline.text.lexical.language import languages

SHARE = "background.npz"
KNOWN_LANGUAGES = frozenset({"nl", "en"})
WORTH = 10_000.0  # documents that the background counts for beside an organisation's own
_SAMPLE = 500
_STEPS = 8.0  # counts are kept as logarithms in steps of a twelfth


@dataclass(frozen=True, slots=True, eq=False)
class ShippedCounts:
    """`features`: ascending hashed features, int32 (n,). `levels`: uint8 (n,), the logarithm of their counts."""

    features: npt.NDArray[np.int32]
    levels: npt.NDArray[np.uint8]
    documents: int

    @classmethod
    def of(cls, features: Integers, frequency: Integers, documents: int) -> "ShippedCounts":
        levels = np.round(np.log(frequency) * _STEPS).clip(0, 255)
        return cls(features.astype(np.int32), levels.astype(np.uint8), documents)

    def save(self, path: Path) -> None:
        np.savez_compressed(
            path,
            allow_pickle=False,
            # Differences of ascending numbers pack far better than the numbers.
            steps=np.diff(self.features, prepend=0).astype(np.int32),
            levels=self.levels,
            documents=np.int64(self.documents),
        )

    def shares(self, features: Integers) -> npt.NDArray[np.float64]:
        """The share of sentences, in [0, 1], in which each of `features` occurs; 0 for what was hardly met."""
        place = np.searchsorted(self.features, features).clip(0, len(self.features) - 1)
        met = self.features[place] == features
        return np.where(met, np.exp(self.levels[place] / _STEPS) / self.documents, 0.0)


@cache
def shipped_counts() -> ShippedCounts:
    """The counts that come with Kader; read once."""
    content = (files("pipeline.text.lexical") / SHARE).read_bytes()
    with np.load(io.BytesIO(content), allow_pickle=False) as loaded:
        features = np.cumsum(loaded["steps"], dtype=np.int64).astype(np.int32)
        return ShippedCounts(features, loaded["levels"], int(loaded["documents"]))


def background_worth(documents: Sequence[str]) -> float:
    """For how many documents the background counts beside these: WORTH times their share in Dutch or English."""
    texts = [text for text in documents if any(map(str.isalpha, text))]
    if not texts:
        return 0.0
    sample = texts[:: max(len(texts) // _SAMPLE, 1)]
    return WORTH * sum(spoken in KNOWN_LANGUAGES for spoken in languages(sample)) / len(sample)
