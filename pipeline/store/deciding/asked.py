"""Why the text model asked about an idea, for messages of later."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Assessment, Correction, TextModelVersion
from models.words import CorrectionKind
from pipeline.asking import kept_asking
from pipeline.payloads import asks_payload
from pipeline.routing import DOUBTS, Organisation, Why


def asked_about(
    session: Session, idea_id: int, why: Why, organisation: Organisation
) -> dict[str, Any] | None:
    """The payload that says why, by the newest assessment; `why` it goes to a coordinator now.

    None when something else sends or sent the idea to a person, and once a person has said where it belongs.
    """
    if why not in DOUBTS or is_placed_by_person(session, idea_id):
        return None
    row = session.execute(
        select(Assessment.candidates, Assessment.decision, Assessment.route, TextModelVersion.metrics)
        .join(TextModelVersion, TextModelVersion.version == Assessment.model_version)
        .where(Assessment.idea_id == idea_id)
        .order_by(Assessment.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.route.get("why") not in DOUBTS:
        return None
    asks = kept_asking(row.candidates, row.decision, row.metrics)
    return asks_payload(asks, organisation) if asks else None


def is_placed_by_person(session: Session, idea_id: int) -> bool:
    """Whether a person has said in which framework an idea belongs, or that it fits none."""
    said = select(Correction.id).where(
        Correction.idea_id == idea_id, Correction.kind == CorrectionKind.FRAMEWORK.value
    )
    return session.scalar(said.limit(1)) is not None
