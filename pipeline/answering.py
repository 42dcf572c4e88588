"""What a person's decision leads to. Pure: facts in, data out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kader.errors import UserError
from pipeline.lifecycle import Status, move
from pipeline.plans import EventPlan, MessagePlan

# Only on these somebody still promised an answer by a day.
EXTENDABLE = frozenset(
    {Status.ASSIGNED, Status.WITH_COORDINATOR, Status.IN_REVIEW, Status.WAITING_FOR_SUBMITTER}
)
# A day beyond this is a slip of the keyboard, and nobody waits so long.
FARTHEST = timedelta(days=5 * 366)
LONGEST_REASON = 4_000
SHORTEST_REASON = 3

_NEXT = {
    "adopt": Status.ADOPTED,
    "decline": Status.DECLINED,
    "park": Status.PARKED,
    "ask": Status.WAITING_FOR_SUBMITTER,
    "start": Status.IN_PROGRESS,
    "realise": Status.REALISED,
    "stop": Status.STOPPED,
}
_TOLD = {
    "adopt": "adopted",
    "decline": "declined",
    "park": "parked",
    "ask": "question",
    "extend": "extended",
    "start": "progress",
    "realise": "progress",
    "stop": "progress",
}


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who hears the answer: the submitter of the idea, or of one that was linked to it."""

    idea_id: int
    person_id: int
    linked_to: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decided, in their own words."""

    kind: str
    reason: str
    by: str
    number: int
    parked_until: date | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Consequences:
    """What an answer changes: status (the same for an extension), messages and events."""

    status: Status
    messages: tuple[MessagePlan, ...]
    events: tuple[EventPlan, ...]


def consequences(
    status: str,
    answer: Answer,
    *,
    framework: str | None,
    listeners: Sequence[Listener],
    today: date,
    promised: date | None = None,
) -> Consequences:
    """Decide what follows from an answer; `promised`: the day by which it was promised until now.

    Raises UserError, one sentence, when a reason or a date is missing or when the status doesn't allow it.
    """
    checked_reason(answer.reason)
    for day in (answer.parked_until, answer.due_on if answer.kind == "extend" else None):
        if day is not None and day > today + FARTHEST:
            raise UserError("Kies een dag binnen vijf jaar. / Choose a day within five years.")
    if answer.kind == "park" and (answer.parked_until is None or answer.parked_until <= today):
        raise UserError(
            "Kies een dag na vandaag tot wanneer het idee blijft liggen. / Choose a day after today."
        )
    if answer.kind == "extend" and (answer.due_on is None or answer.due_on <= today):
        raise UserError("Kies een nieuwe uiterste dag na vandaag. / Choose a new last day after today.")
    if answer.kind == "extend" and answer.due_on is not None and promised and answer.due_on <= promised:
        raise UserError(
            f"Het antwoord is al beloofd voor {promised:%d-%m-%Y}: kies voor uitstel een latere dag. / "
            f"The answer was promised by {promised.isoformat()} already: choose a later day for more time."
        )
    if answer.kind == "extend" and status not in EXTENDABLE:
        raise UserError(
            f"Uitstel kan niet meer: het idee heeft de status '{status}'. / "
            f"This can't be extended any more: the idea's status is '{status}'."
        )
    then = Status(status) if answer.kind == "extend" else move(status, _NEXT[answer.kind])
    payload: dict[str, Any] = {
        "by": answer.by,
        "reason": answer.reason,
        "framework": framework,
        "parked_until": answer.parked_until.isoformat() if answer.parked_until else None,
        "due_on": answer.due_on.isoformat() if answer.due_on else None,
        "progress": answer.kind if answer.kind in {"start", "realise", "stop"} else None,
    }
    if answer.kind == "ask":
        payload = {"by": answer.by, "question": answer.reason}
        # A question is for who can answer it; the others hear the decision.
        listeners = [each for each in listeners if each.linked_to is None]
        if not listeners:
            raise UserError(
                "Dit idee is zonder naam gestuurd, dus je kunt niets vragen. Neem een besluit met wat je weet. / "
                "This idea was sent without a name, so nobody can be asked."
            )
    messages = tuple(
        MessagePlan(
            _TOLD[answer.kind],
            each.person_id,
            payload if answer.kind == "ask" else {**payload, "linked_to": each.linked_to},
            idea_id=each.idea_id,
            revision=answer.number,
        )
        for each in listeners
    )
    detail = {key: value for key, value in payload.items() if key != "framework" and value is not None}
    return Consequences(then, messages, (EventPlan(answer.kind, detail),))


def checked_reason(reason: str) -> str:
    """The reason without white space around it. Raises UserError when it says nothing."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise UserError(
            "Schrijf op waarom: de indiener leest jouw uitleg. / Write down why: the submitter reads your explanation."
        )
    if len(reason) > LONGEST_REASON:
        raise UserError(
            f"Je uitleg is te lang: houd het onder {LONGEST_REASON} tekens. / "
            f"Your explanation is too long: keep it under {LONGEST_REASON} characters."
        )
    return reason
