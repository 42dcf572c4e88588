"""Reads claimed ideas with the text model and keeps what it read."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import update
from sqlalchemy.orm import Session

from kader.settings import Settings
from models import Idea, IdeaReading
from models.among import among
from models.bulk import insert_many
from models.session import Database
from pipeline.core import (
    Candidate,
    Decision,
    IdeaText,
    Precedent,
    Quote,
    Reading,
    Reason,
    TouchedLimit,
    Words,
    no_words,
)
from pipeline.store.reading.claims import ALONE_AFTER, Claim, claim_ideas
from pipeline.text.model import TextModel

logger = logging.getLogger(__name__)


def read_waiting(
    database: Database, model: TextModel, *, owner: str, now: datetime, settings: Settings
) -> bool:
    """Claim the next batch of received ideas and read it; returns whether there was any."""
    claim = claim_ideas(
        database, owner=owner, now=now, limit=settings.batch_size, lease_seconds=settings.lease_seconds
    )
    if not claim.ideas:
        return False
    read_claimed(database, claim, model, max_attempts=settings.max_attempts, language=settings.language)
    return True


def read_claimed(
    database: Database, claim: Claim, model: TextModel, *, max_attempts: int, language: str = ""
) -> int:
    """Read what was claimed and keep it in one transaction; returns how many ideas were kept.

    `language`: that of the organisation, assumed of ideas too short to tell whose submitter isn't known.
    An idea that the model can't read, or that was tried too often, is kept with its trouble, so that a
    person sees it and the others flow on.
    """
    # Only what was also tried alone is given up: its neighbours may have been the cause.
    most = max(max_attempts, ALONE_AFTER + 1)
    fresh = [idea for idea in claim.ideas if idea.attempts <= most]
    texts = [IdeaText(str(idea.id), idea.text, idea.title, idea.language or language) for idea in fresh]
    rows = [
        reading_row(idea.id, model, reading, trouble)
        for idea, (reading, trouble) in zip(fresh, read_texts(texts, model), strict=True)
    ]
    rows += [
        reading_row(idea.id, model, None, f"Reading this idea stopped the worker {idea.attempts - 1} times.")
        for idea in claim.ideas
        if idea.attempts > most
    ]
    with database.writing() as session:
        # Changed before anything is written: from here on the rows are locked, and nobody can take over any more.
        held = set(
            session.scalars(
                update(Idea)
                .where(among(session, Idea.id, [idea.id for idea in claim.ideas]))
                .where(Idea.claim_token == claim.token, Idea.is_read.is_(False))
                .values(is_read=True, claim_owner=None, claim_token=None, claim_expires_at=None, attempts=0)
                .returning(Idea.id)
                .execution_options(synchronize_session=False)
            )
        )
        keep_readings(session, [row for row in rows if row["idea_id"] in held])
    return len(held)


def keep_readings(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write readings; one that another worker already made for the same model is left as it is."""
    insert_many(session, IdeaReading, rows, skip=["idea_id", "model_version"])


# Columns instead of the mapped object, which costs more to build than the rest of settling an idea.
READING = (
    IdeaReading.candidates,
    IdeaReading.probability_none,
    IdeaReading.decision,
    IdeaReading.language,
    IdeaReading.vector,
    IdeaReading.limits,
    IdeaReading.precedents,
    IdeaReading.trouble,
    IdeaReading.rare,
)


def to_reading(
    candidates: list[Any],
    probability_none: float,
    decision: str,
    language: str,
    vector: bytes | None,
    limits: list[Any],
    precedents: list[Any] | None,
    trouble: str | None,
    rare: bytes | None,
) -> tuple[Reading, str | None]:
    """A kept reading, by the columns of `READING`, as the core knows it; and its trouble.

    What was read before there were quotes and precedents has none.
    """
    reading = Reading(
        candidates=tuple(
            Candidate(
                slug,
                probability,
                tuple(Reason(*reason) for reason in reasons),
                Quote(*quote[0]) if quote and quote[0] else None,
            )
            for slug, probability, reasons, *quote in candidates
        ),
        probability_none=probability_none,
        decision=Decision(decision),
        language=language,
        vector=np.frombuffer(vector or b"", dtype=np.float32),
        limits=tuple(TouchedLimit(*each) for each in limits),
        precedents=tuple(Precedent(*each) for each in precedents or ()),
        rare=words_of(rare or b""),
    )
    return reading, trouble


def kept_words(words: Words) -> bytes:
    """Rare words as a reading keeps them: 4 bytes each, in the order of the machines of today."""
    return words.astype("<i4").tobytes()


def words_of(kept: bytes) -> Words:
    """The opposite of `kept_words`; of what is no such thing nothing is left."""
    return np.frombuffer(kept, dtype="<i4").astype(np.int64) if len(kept) % 4 == 0 else no_words()


def unread(language: str) -> Reading:
    """A reading that says nothing but the language: a person must place the idea."""
    return Reading(
        candidates=(),
        probability_none=0.0,
        decision=Decision.ASK,
        language=language,
        vector=np.zeros(0, dtype=np.float32),
    )


def reading_lists(reading: Reading) -> dict[str, Any]:
    """Candidates, limits and precedents as JSON keeps them, in readings and assessments alike."""
    return {
        "candidates": [
            [
                each.framework,
                round(each.probability, 5),
                [[reason.expression, round(reason.weight, 4)] for reason in each.reasons],
                [each.quote.sentence, round(each.quote.cosine, 4)] if each.quote else None,
            ]
            for each in reading.candidates
        ],
        "limits": [
            [each.framework, each.limit, round(each.score, 4), each.sentence] for each in reading.limits
        ],
        "precedents": [[each.idea, each.framework, round(each.likeness, 4)] for each in reading.precedents],
    }


def kept_lists(columns: Sequence[Any]) -> dict[str, Any]:
    """What `reading_lists` would make of the reading in these columns, those of `READING`; making it anew takes longer."""
    kept = dict(zip((column.key for column in READING), columns, strict=True))
    return {name: kept[name] or [] for name in ("candidates", "limits", "precedents")}


def read_texts(texts: Sequence[IdeaText], model: TextModel) -> list[tuple[Reading | None, str | None]]:
    """Read many ideas at once, or one by one when one of them can't be read: that one has its trouble instead."""
    if not texts:
        return []
    try:
        return [(reading, None) for reading in model.read(texts)]
    except Exception:  # noqa: BLE001  # whatever one text does to the model, the others must flow on
        logger.warning("a batch of %d ideas could not be read at once; reading them one by one", len(texts))
    return [_read_alone(text, model) for text in texts]


def _read_alone(text: IdeaText, model: TextModel) -> tuple[Reading | None, str | None]:
    try:
        return model.read([text])[0], None
    except Exception as error:  # noqa: BLE001  # it becomes visible to a person as this idea's trouble
        logger.warning("idea %s can't be read by the text model: %s", text.id, type(error).__name__)
        return None, f"The text model can't read this idea ({type(error).__name__})."


def reading_row(
    idea_id: int, model: TextModel, reading: Reading | None, trouble: str | None
) -> dict[str, Any]:
    """The row that keeps a reading, or the trouble that came instead of it."""
    if reading is None:
        return {
            "idea_id": idea_id,
            "model_version": model.version,
            "space": model.space,
            "vector": None,
            "decision": Decision.ASK.value,
            "probability_none": 0.0,
            "candidates": [],
            "limits": [],
            "precedents": [],
            "language": "",
            "trouble": trouble,
            "rare": b"",
            "meaning": b"",
        }
    return {
        "idea_id": idea_id,
        "model_version": model.version,
        "space": model.space,
        "vector": reading.vector.astype(np.float32, copy=False).tobytes(),
        "decision": reading.decision.value,
        "probability_none": round(reading.probability_none, 5),
        **reading_lists(reading),
        "language": reading.language,
        "trouble": None,
        "rare": kept_words(reading.rare),
        "meaning": model.signs(reading.vector),
    }
