"""What is to happen, as data: whoever decides returns it, and the shell records it in one transaction."""

from dataclasses import dataclass, field
from typing import Any

from pipeline.core import Passage
from pipeline.lifecycle import Status
from pipeline.routing import FrameworkCard, Route


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """A duplicate link to make."""

    original_id: int
    state: str
    score: float
    reason: str
    passages: tuple[Passage, ...] = ()
    compared_id: int | None = None
    is_said: bool = False


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """A message to write in the outbox; about the idea itself unless `idea_id` names another."""

    kind: str
    recipient_id: int
    payload: dict[str, Any]
    idea_id: int | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class EventPlan:
    """An event to record."""

    kind: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settlement:
    """All that follows from one reading. `route` is None when the idea joined another."""

    idea_id: int
    status: Status
    framework: FrameworkCard | None
    route: Route | None
    links: tuple[LinkPlan, ...]
    messages: tuple[MessagePlan, ...]
    events: tuple[EventPlan, ...]
    summary: dict[str, Any]
