"""The way of an idea: which status may follow which. Every arrow stands here and nowhere else."""

from enum import StrEnum

from kader.errors import UserError


class Status(StrEnum):
    """Where an idea is."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    ASSIGNED = "assigned"
    WITH_COORDINATOR = "with_coordinator"
    JOINED = "joined"
    IN_REVIEW = "in_review"
    WAITING_FOR_SUBMITTER = "waiting_for_submitter"
    ADOPTED = "adopted"
    DECLINED = "declined"
    PARKED = "parked"
    IN_PROGRESS = "in_progress"
    REALISED = "realised"
    STOPPED = "stopped"


_DECIDED = {Status.ADOPTED, Status.DECLINED, Status.PARKED}
_PLACED = {Status.ASSIGNED, Status.WITH_COORDINATOR, Status.JOINED}
_OPEN_TO_DECISION = {*_DECIDED, Status.IN_REVIEW, Status.WAITING_FOR_SUBMITTER, *_PLACED}

ARROWS: dict[Status, frozenset[Status]] = {
    Status.RECEIVED: frozenset({Status.TRIAGED}),
    Status.TRIAGED: frozenset(_PLACED),
    Status.ASSIGNED: frozenset(_OPEN_TO_DECISION),
    Status.WITH_COORDINATOR: frozenset(_OPEN_TO_DECISION),
    # A joined idea follows its original; when the link is undone it gets a place of its own again.
    Status.JOINED: frozenset({Status.ASSIGNED, Status.WITH_COORDINATOR, Status.JOINED}),
    Status.IN_REVIEW: frozenset(_OPEN_TO_DECISION),
    Status.WAITING_FOR_SUBMITTER: frozenset(_OPEN_TO_DECISION),
    Status.PARKED: frozenset({Status.IN_REVIEW, Status.ADOPTED, Status.DECLINED, Status.PARKED, *_PLACED}),
    Status.ADOPTED: frozenset({Status.IN_PROGRESS, Status.REALISED, Status.STOPPED}),
    Status.IN_PROGRESS: frozenset({Status.REALISED, Status.STOPPED}),
    Status.DECLINED: frozenset(),
    Status.REALISED: frozenset(),
    Status.STOPPED: frozenset(),
}

# Somebody still owes an answer on these.
OPEN = frozenset(
    {
        Status.RECEIVED,
        Status.TRIAGED,
        Status.ASSIGNED,
        Status.WITH_COORDINATOR,
        Status.JOINED,
        Status.IN_REVIEW,
        Status.WAITING_FOR_SUBMITTER,
        Status.PARKED,
    }
)
# A colleague's twin may join these: their answer is still to come. An idea that joins another was at one of these as
# well, and goes back there when the link is undone (`apart`); while it is joined, nobody decides on it.
JOINABLE = frozenset(
    {Status.ASSIGNED, Status.WITH_COORDINATOR, Status.IN_REVIEW, Status.WAITING_FOR_SUBMITTER, Status.PARKED}
)
# The submitter of these may say that they are in the wrong place.
OBJECTABLE = frozenset({Status.ASSIGNED, Status.WITH_COORDINATOR, Status.IN_REVIEW})
# The machine may still place these anew; on all others a person has spoken or the answer was given.
MACHINE_MAY_PLACE = frozenset({Status.ASSIGNED, Status.WITH_COORDINATOR})


def move(now: str, then: Status) -> Status:
    """The next status. Raises UserError when no arrow leads there."""
    if then not in ARROWS[Status(now)]:
        raise _refusal(now, then)
    return then


def apart(now: str, before: str) -> Status:
    """The status of a joined idea that stands by itself again: the one that it had `before`.

    Raises UserError when it isn't joined, or can't have had that status when it joined.
    """
    then = Status(before)
    if Status(now) is not Status.JOINED or then not in JOINABLE:
        raise _refusal(now, then)
    return then


def _refusal(now: str, then: Status) -> UserError:
    return UserError(
        f"Dit kan niet meer: het idee heeft de status '{now}' en kan niet naar '{then.value}'. "
        "Ververs de pagina om te zien wat er al besloten is. / "
        f"This can't be done any more: the idea's status is '{now}'. Reload the page to see what was decided."
    )
