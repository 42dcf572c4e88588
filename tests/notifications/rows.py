"""Rows for tests of delivery: people, ideas and messages, all invented."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from models.idea import Idea
from models.organisation import Person
from models.outbox import OutboxMessage
from models.session import Database
from models.words import IdeaStatus, MessageKind, MessageStatus, Source
from tests.notifications.samples import CREATED


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    moment: datetime = CREATED + timedelta(minutes=1)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **step: float) -> None:
        self.moment += timedelta(**step)


@dataclass
class Post:
    """Writes rows and tells how they stand."""

    database: Database

    def person(self, name: str = "youssef", **fields: Any) -> int:
        with self.database.writing() as session:
            row = Person(
                **{"name": name.title(), "email": f"{name}@waterland.example", "language": "nl", **fields}
            )
            session.add(row)
            session.flush()
            return row.id

    def idea(self, number: int = 42, **fields: Any) -> int:
        with self.database.writing() as session:
            row = Idea(
                **{
                    "reference": f"K-2026-{number:04d}", "source": Source.FORM, "title": "Deelfietsen",
                    "text": "Zet er twee neer.", "fingerprint": str(number),
                    "status": IdeaStatus.RECEIVED, "received_at": CREATED, **fields,
                }
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

    def message(
        self, person: int, idea: int | None, kind: MessageKind = MessageKind.RECEIPT, **fields: Any
    ) -> int:
        with self.database.writing() as session:
            row = OutboxMessage(
                **{
                    "idea_id": idea, "recipient_id": person, "kind": kind, "payload": {},
                    "message_id": f"{kind}.{person}.{idea}.{fields.get('revision', 1)}@waterland.example",
                    "created_at": CREATED, "not_before": CREATED, **fields,
                }
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

    def row(self, key: int) -> OutboxMessage:
        with self.database.reading() as session:
            row = session.scalars(select(OutboxMessage).where(OutboxMessage.id == key)).one()
            session.expunge(row)
            return row

    def statuses(self) -> list[str]:
        with self.database.reading() as session:
            return [
                MessageStatus(word) for word in session.scalars(select(OutboxMessage.status).order_by("id"))
            ]
