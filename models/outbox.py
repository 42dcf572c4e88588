"""What somebody must be told, written in the transaction of the change that causes it."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, JsonObject, LongText, Moment, Word, one_of
from models.organisation import Person
from models.words import MessageKind, MessageStatus

UNSENT = text("status IN ('pending', 'sending')")


class OutboxMessage(Base):
    """One message to one person. Unique on (idea, recipient, kind, revision): told once."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint(one_of("kind", MessageKind), name="kind"),
        CheckConstraint(one_of("status", MessageStatus), name="status"),
        CheckConstraint("status <> 'sent' OR sent_at IS NOT NULL", name="sent_has_moment"),
        CheckConstraint(
            "status NOT IN ('failed', 'uncertain', 'cancelled') OR trouble IS NOT NULL", name="says_why"
        ),
        UniqueConstraint("idea_id", "recipient_id", "kind", "revision"),
        Index("ix_outbox_message_unsent", "not_before", "id", sqlite_where=UNSENT, postgresql_where=UNSENT),
        Index("ix_outbox_message_idea", "idea_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[Word]
    revision: Mapped[int] = mapped_column(default=1)
    payload: Mapped[JsonObject]
    message_id: Mapped[Word] = mapped_column(unique=True)
    status: Mapped[Word] = mapped_column(default=MessageStatus.PENDING)
    created_at: Mapped[Moment]
    not_before: Mapped[Moment]
    sent_at: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[LongText | None]
    # A person looked at a message that failed or is uncertain, and doesn't send it again.
    dismissed_at: Mapped[Moment | None]
    claim_owner: Mapped[Word | None]
    claim_token: Mapped[Word | None]
    claim_expires_at: Mapped[Moment | None]

    recipient: Mapped[Person] = relationship(lazy="raise")
