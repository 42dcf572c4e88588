"""Ideas that nobody had, for measuring at sizes that nobody has: vectors, rare words, and the rows that keep them."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from models import Idea, IdeaReading
from models.bulk import insert_many
from models.session import Database
from pipeline.core import Vector, Words
from pipeline.store.readings import kept_words
from pipeline.text.lexical.features import FEATURES, Integers

DIMENSIONS = 256
SPACE = "made-256"
_BLOCK = 5_000
_WORDS = 14
_VOCABULARY = 300_000


@dataclass(frozen=True, slots=True)
class Made:
    """`vectors`: float32 (ideas, DIMENSIONS), of unit length; `features`: (ideas, words), rare words of each."""

    vectors: Vector
    features: Integers

    def words(self, place: int) -> Words:
        return np.unique(self.features[place])

    def text(self, place: int) -> str:
        return " ".join(f"w{each}" for each in self.words(place).tolist())


def make_ideas(count: int, *, seed: int) -> Made:
    """Vectors around one centre for each 50 ideas, centres themselves around fewer; one in twenty is a near twin.

    Like latent semantic analysis gives them: the first directions matter most, and what is near is some cosines of 0.5
    to 0.9 away.
    """
    random = np.random.default_rng(seed)
    spread = (1 / np.sqrt(1 + np.arange(DIMENSIONS) / 16)).astype(np.float32)
    themes = random.standard_normal((64, DIMENSIONS), dtype=np.float32)
    groups = max(count // 50, 1)
    centres = themes[random.integers(64, size=groups)] + 1.2 * random.standard_normal(
        (groups, DIMENSIONS), dtype=np.float32
    )
    vectors = np.empty((count, DIMENSIONS), dtype=np.float32)
    features = np.empty((count, _WORDS), dtype=np.int64)
    for begin in range(0, count, 100_000):
        size = min(100_000, count - begin)
        noise = random.uniform(0.5, 1.6, size=(size, 1)).astype(np.float32)
        part = centres[random.integers(groups, size=size)]
        part = (part + noise * random.standard_normal(part.shape, dtype=np.float32)) * spread
        words = (random.zipf(1.25, size=(size, _WORDS)) % _VOCABULARY) * 7 % FEATURES
        twins = np.flatnonzero(random.random(size) < 0.05)
        twins = twins[twins > 0]
        part[twins] = part[twins - 1] + 0.15 * part[twins]
        words[twins, : _WORDS // 2] = words[twins - 1, : _WORDS // 2]
        vectors[begin : begin + size] = part / np.linalg.norm(part, axis=1, keepdims=True)
        features[begin : begin + size] = words
    return Made(np.round(vectors, 5), features)


def put_ideas(database: Database, made: Made, first: int, last: int) -> None:
    """Write the ideas in these places as ideas that were read; the id is the place and one."""
    now = datetime.now(UTC)
    for begin in range(first, last, _BLOCK):
        places = range(begin, min(begin + _BLOCK, last))
        with database.writing() as session:
            insert_many(
                session,
                Idea,
                [
                    {
                        "id": place + 1,
                        "reference": f"K-{now.year}-{place + 1:07d}",
                        "source": "import",
                        "is_anonymous": True,
                        "is_quiet": False,
                        "title": "made",
                        "text": "made",
                        "fingerprint": str(place),
                        "status": "with_coordinator",
                        "received_at": now,
                        "settled_at": now,
                        "is_read": True,
                        "attempts": 0,
                    }
                    for place in places
                ],
            )
            insert_many(
                session,
                IdeaReading,
                [
                    {
                        "idea_id": place + 1,
                        "model_version": "made",
                        "space": SPACE,
                        "vector": made.vectors[place].tobytes(),
                        "decision": "ask",
                        "probability_none": 0.0,
                        "candidates": [],
                        "limits": [],
                        "precedents": [],
                        "language": "nl",
                        "rare": kept_words(made.words(place)),
                    }
                    for place in places
                ],
            )
