"""Records what was decided: status, assessment, assignment, links, events and messages in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kader.errors import TransientError
from kader.settings import Settings
from models import Assessment, Assignment, DuplicateLink, Event, Idea, OutboxMessage, TextModelVersion
from models.bulk import insert_many, update_many
from models.words import IdeaStatus, MessageStatus
from pipeline.core import Reading
from pipeline.lifecycle import JOINABLE
from pipeline.plans import MessagePlan, Settlement
from pipeline.routing import Organisation
from pipeline.store.duplicates.links import BY_SUBMITTER, link_evidence
from pipeline.store.reading.claims import hold_lease
from pipeline.store.reading.readings import reading_lists
from pipeline.store.reading.ready import Ready

Row = dict[str, Any]


class StaleFactsError(TransientError):
    """What was decided rests on facts that changed meanwhile: gather and decide again."""


class OutdatedModelError(TransientError):
    """What was decided rests on a text model that was replaced meanwhile."""


def record(
    session: Session,
    batch: Sequence[tuple[Ready, Settlement]],
    *,
    token: str,
    now: datetime,
    organisation: Organisation,
    model_version: str,
    settings: Settings,
    compared_by: str | None = None,
    pairs_version: str | None = None,
) -> None:
    """Write a batch; `compared_by`: what compared its ideas with all earlier ones. Raises TransientError, of the kinds in `hold_turn` and below, when it must not be."""
    hold_turn(
        session,
        token=token,
        model_version=model_version,
        now=now,
        settings=settings,
        pairs_version=pairs_version,
    )
    _originals_still_open(session, [plan for _, plan in batch])
    versions = {slug: card.text.version for slug, card in organisation.frameworks.items()}
    insert_many(session, Assessment, [_assessment(each, now, model_version, versions) for each in batch])
    insert_many(
        session,
        Assignment,
        [_assignment(plan, now, settings, organisation) for _, plan in batch if plan.route],
    )
    insert_many(session, DuplicateLink, [row for _, plan in batch for row in _links(plan, now)])
    insert_many(session, Event, [row for each in batch for row in _events(each, now)])
    insert_many(
        session,
        OutboxMessage,
        [
            message_row(ready.facts.id, message, now, settings)
            for ready, plan in batch
            for message in plan.messages
        ],
    )
    update_many(
        session,
        Idea,
        [
            {
                "id": ready.facts.id,
                "status": plan.status.value,
                "framework_id": plan.framework.id if plan.framework else None,
                "language": ready.reading.language or None,
                "settled_at": now,
                "compared_by": compared_by,
            }
            for ready, plan in batch
        ],
        where={"status": IdeaStatus.RECEIVED.value},
    )


def hold_turn(
    session: Session,
    *,
    token: str,
    model_version: str,
    now: datetime,
    settings: Settings,
    pairs_version: str | None = None,
) -> None:
    """Make sure that this process still settles, with the text model in use.

    Raises LeaseLostError, or OutdatedModelError: a twin of what an older model settles in its own vector space
    would be missed for ever. Whoever puts a model in use holds the lease as well, so it can't change in between.
    """
    hold_lease(session, "settle", token, now=now, seconds=settings.lease_seconds)
    active = session.execute(
        select(TextModelVersion.version, TextModelVersion.pairs_version).where(TextModelVersion.is_active)
    ).one_or_none()
    if active is None:
        return
    version, pairs = active
    if version != model_version or (
        pairs_version is not None and pairs is not None and pairs != pairs_version
    ):
        raise OutdatedModelError("Another text model is in use by now: load it and decide again.")


def _originals_still_open(session: Session, plans: Sequence[Settlement]) -> None:
    """An original that was answered since the facts were gathered must not be joined any more."""
    own = {plan.idea_id for plan in plans}
    joined = {link.original_id for plan in plans for link in plan.links if link.state == "confirmed"} - own
    if not joined:
        return
    # Locked, so that an answer that is given right now sees the new twin, or is seen here.
    # The earliest first, as everybody locks: two who lock in another order wait for each other for ever.
    rows = session.scalars(
        select(Idea.status).where(Idea.id.in_(joined)).order_by(Idea.id).with_for_update(key_share=True)
    )
    if any(status not in JOINABLE for status in rows):
        raise StaleFactsError("an idea was answered while its twin was being settled")


def message_row(idea_id: int | None, message: MessagePlan, now: datetime, settings: Settings) -> Row:
    """The outbox row of a message; its Message-ID is the same however often the row is made."""
    about = message.idea_id or idea_id
    host = settings.mail_from.rpartition("@")[2]
    return {
        "idea_id": about,
        "recipient_id": message.recipient_id,
        "kind": message.kind,
        "revision": message.revision,
        "payload": message.payload,
        "message_id": f"{about or 0}.{message.kind}.{message.recipient_id}.{message.revision}@{host}",
        "status": MessageStatus.PENDING.value,
        "created_at": now,
        "not_before": now,
        "attempts": 0,
    }


def promise_text(manager: str, due_on: str, language: str) -> str:
    """The promise in words, as it is kept with the assignment."""
    if language == "en":
        return f"{manager} answers no later than {due_on}."
    return f"{manager} antwoordt uiterlijk op {due_on}."


def assessment_parts(reading: Reading, lists: Row | None = None) -> Row:
    """The columns of an assessment that come from a reading; `lists`: its lists as they are kept, if they are."""
    return {
        "decision": reading.decision.value,
        "probability_none": reading.probability_none,
        **(lists or reading_lists(reading)),
    }


def _assessment(
    each: tuple[Ready, Settlement], now: datetime, model_version: str, versions: Mapping[str, int]
) -> Row:
    ready, plan = each
    return {
        "idea_id": ready.facts.id,
        "number": 1,
        "made_at": now,
        "model_version": model_version,
        "framework_versions": dict(versions),
        **assessment_parts(ready.reading, ready.lists),
        "duplicates": [[link.original_id, link.state, link.score, link.reason] for link in plan.links],
        "route": plan.summary,
    }


def _assignment(plan: Settlement, now: datetime, settings: Settings, organisation: Organisation) -> Row:
    route = plan.route
    assert route is not None  # noqa: S101  # the caller leaves out settlements without a route
    manager = organisation.people[route.person_id].name
    return {
        "idea_id": plan.idea_id,
        "person_id": route.person_id,
        "deputises_for_id": route.deputises_for_id,
        "framework_version_id": route.framework.version_id if route.framework else None,
        "due_on": route.due_on,
        "promise": promise_text(manager, route.due_on.isoformat(), settings.language),
        "made_at": now,
    }


def _links(plan: Settlement, now: datetime) -> list[Row]:
    return [
        {
            "duplicate_id": plan.idea_id,
            "original_id": link.original_id,
            "state": link.state,
            "score": link.score,
            "evidence": {
                **link_evidence(link.reason, link.passages, link.compared_id),
                **({BY_SUBMITTER: True} if link.is_said else {}),
            },
            "made_at": now,
        }
        for link in plan.links
    ]


def _events(each: tuple[Ready, Settlement], now: datetime) -> list[Row]:
    ready, plan = each
    best = ready.reading.candidates[0] if ready.reading.candidates else None
    triaged = {
        "decision": ready.reading.decision.value,
        "framework": best.framework if best else None,
        "probability": round(best.probability, 4) if best else None,
        "trouble": ready.trouble,
    }
    return [
        {"idea_id": plan.idea_id, "kind": kind, "at": now, "detail": detail}
        for kind, detail in [("triaged", triaged), *[(event.kind, event.detail) for event in plan.events]]
    ]
