"""What became of something that was sent under a key of its sender."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.accept import delivery_key
from models import IntakeRecord
from models.words import IntakeOutcome, Source


def delivered(session: Session, source: Source, key: str) -> tuple[IntakeOutcome, bytes] | None:
    """Return the outcome and the raw form that were kept under a key."""
    row = session.execute(
        select(IntakeRecord.outcome, IntakeRecord.content).where(
            IntakeRecord.source == source.value, IntakeRecord.delivery_key == delivery_key(key)
        )
    ).one_or_none()
    return (IntakeOutcome(row[0]), row[1]) if row is not None else None
