"""What messages about an idea are told: plain values, put into words by `notifications`."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.asking import Asking
from pipeline.lifecycle import Status
from pipeline.routing import FrameworkCard, Organisation, Route


@dataclass(frozen=True, slots=True)
class KnownIdea:
    """An earlier idea and where it stands; `original_id` is set when it joined another."""

    id: int
    reference: str
    title: str
    status: Status
    original_id: int | None = None
    framework: str | None = None
    owner_id: int | None = None
    owner_name: str | None = None
    deputises_for: str | None = None
    due_on: date | None = None
    parked_until: date | None = None


def framework_payload(card: FrameworkCard) -> dict[str, Any]:
    """What a submitter is told about a framework."""
    return {
        "title": card.text.title,
        "description": card.text.description,
        "goal": card.text.goal,
        "limits": [{"title": limit.title, "reason": limit.reason} for limit in card.text.limits],
    }


def promise_payload(route: Route, organisation: Organisation) -> dict[str, Any]:
    """Who decides, and by when."""
    deputises_for = route.deputises_for_id
    return {
        "manager": organisation.people[route.person_id].name,
        "deputy_for": organisation.people[deputises_for].name if deputises_for else None,
        "due_on": route.due_on.isoformat(),
    }


def asks_payload(asks: Asking, organisation: Organisation) -> dict[str, Any] | None:
    """Why the text model asks, for whoever decides; None when the framework that it is about isn't in force any more."""
    card = organisation.frameworks.get(asks.framework)
    return None if card is None else {**asks.told(), "framework": card.text.title}


def joined_payload(original: KnownIdea, framework: str | None, today: date) -> dict[str, Any]:
    """What a submitter is told whose idea joined another: who decides, and a day that is still to come."""
    payload: dict[str, Any] = {
        "original": original.reference,
        "original_title": original.title,
        "framework": framework,
        "promise": {
            "manager": original.owner_name,
            "deputy_for": original.deputises_for,
            "due_on": original.due_on.isoformat() if original.due_on else None,
        },
    }
    if original.parked_until is not None:
        payload["parked_until"] = original.parked_until.isoformat()
    if original.due_on is not None and original.due_on < today:
        # Honest about an answer that should have been there: no promise of a day that has passed.
        payload["is_late"] = True
    return payload


def twin_payload(
    *, reference: str, title: str, excerpt: str, submitter: str | None, framework: str | None
) -> dict[str, Any]:
    """What the owner of an idea is told when another one joins it."""
    return {
        "twin": {"reference": reference, "title": title, "text": excerpt},
        "submitter": submitter,
        "framework": framework,
    }
