"""What is known of one message when it is written. Plain values, gathered before any mail is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.words import MessageKind


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a message goes."""

    id: int
    name: str
    email: str
    language: str
    is_coordinator: bool = False


@dataclass(frozen=True, slots=True)
class IdeaSnapshot:
    """The idea that a message is about."""

    id: int
    reference: str
    title: str
    text: str
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Letter:
    """One outbox message, ready to be written.

    `message_id` is the whole Message-ID without angle brackets; a left part alone is completed with the
    domain of the sender. `payload` is JSON: what was true when the message was caused, a set of keys a kind.
    """

    kind: MessageKind
    recipient: Recipient
    message_id: str
    idea: IdeaSnapshot | None
    payload: Mapping[str, Any]
    created_at: datetime
