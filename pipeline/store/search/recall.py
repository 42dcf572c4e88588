"""How many of the nearest neighbours are found: the index in use beside an exact comparison, on a sample of ideas."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import IdeaReading, TextModelVersion
from models.session import Database
from pipeline.core import Vector
from pipeline.store.search.mind import Mind
from pipeline.store.search.neighbours import next_readings, usable
from pipeline.text.lexical.features import Integers
from pipeline.text.vectors.neighbours import ExactIndex, ranked

SAMPLE = 50
NEAREST = 10


@dataclass(frozen=True, slots=True)
class Recall:
    """`recall`: share of the nearest that were found, in [0, 1]; `sample`: ideas that were asked for."""

    recall: float
    sample: int
    ideas: int
    is_exact: bool


def measure_recall(database: Database, mind: Mind, *, sample: int = SAMPLE) -> Recall:
    """Recall at 10 of the index in use. Reads all vectors, block by block: seconds for a million ideas."""
    with database.reading() as session:
        last = session.scalar(
            select(func.max(IdeaReading.idea_id)).where(IdeaReading.space == mind.index.space)
        )
        ids, vectors = _sample(session, mind, last or 0, sample)
        if not len(ids):
            return Recall(1.0, 0, 0, mind.index.is_exact)
        mind.index.follow(session, up_to=last or 0)
        above = [(last or 0) + 1] * len(ids)
        found = mind.index.before(session, above, vectors, NEAREST, least=-1.0)
        exact, count = _exact(session, mind, vectors)
    hits = sum(
        len({hit.key for hit in near} & set(wanted)) for near, wanted in zip(found, exact, strict=True)
    )
    return Recall(round(hits / sum(map(len, exact)), 4), len(ids), count, mind.index.is_exact)


def note_recall(session: Session, mind: Mind, found: Recall, *, now: datetime) -> None:
    """Keep what was measured with the text model in use, for whoever asks how well twins are found."""
    active = session.scalar(
        select(TextModelVersion).where(TextModelVersion.version == mind.model.version).with_for_update()
    )
    if active is not None:
        measured = {
            "at_10": found.recall,
            "sample": found.sample,
            "ideas": found.ideas,
            "at": now.isoformat(),
        }
        active.metrics = {**active.metrics, "recall": {**measured, "is_exact": found.is_exact}}


def _sample(session: Session, mind: Mind, last: int, sample: int) -> tuple[Integers, Vector]:
    """Ideas evenly spread over the order of arrival."""
    step = max(last // sample, 1)
    rows = session.execute(
        select(IdeaReading.idea_id, IdeaReading.vector)
        .where(
            IdeaReading.space == mind.index.space,
            IdeaReading.idea_id.in_(range(step, last + 1, step)),
            IdeaReading.vector.is_not(None),
        )
        .order_by(IdeaReading.idea_id)
    )
    return usable([(row[0], row[1] or b"") for row in rows], mind.model.dimensions)


def _exact(session: Session, mind: Mind, vectors: Vector) -> tuple[list[list[int]], int]:
    """For each vector the keys of its nearest, whatever the index says; and how many ideas have a vector."""
    best_keys = [np.zeros(0, dtype=np.int64)] * len(vectors)
    best = [np.zeros(0, dtype=np.float32)] * len(vectors)
    after = count = 0
    while True:
        rows = next_readings(session, IdeaReading.vector, space=mind.index.space, after=after)
        if not rows:
            return [keys.tolist() for keys in best_keys], count
        after = rows[-1][0]
        keys, block = usable(rows, mind.model.dimensions)
        count += len(keys)
        part = ExactIndex(mind.model.dimensions)
        part.add(keys, block)
        for place, near in enumerate(part.search(vectors, NEAREST)):
            all_keys = np.concatenate([best_keys[place], np.array([hit.key for hit in near], dtype=np.int64)])
            cosines = np.concatenate([best[place], np.array([hit.cosine for hit in near], dtype=np.float32)])
            kept = ranked(all_keys, cosines, NEAREST, -1.0)
            best_keys[place] = np.array([hit.key for hit in kept], dtype=np.int64)
            best[place] = np.array([hit.cosine for hit in kept], dtype=np.float32)
