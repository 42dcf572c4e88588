"""What is read from one mail: plain values, without anything of the library that read them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kader.errors import PermanentError


class UnreadableMail(PermanentError):  # noqa: N818  # a state of the mail, and the word for it in the pages
    """This mail can't be read, now or later; its one sentence, in Dutch and English, is for a person."""


def over_limit(largest: int) -> UnreadableMail:
    """What is said of a mail of more than `largest` bytes."""
    return UnreadableMail(
        f"De mail is groter dan de {largest} bytes die mogen. / "
        f"The mail is larger than the {largest} bytes that are allowed."
    )


class AutomaticKind(StrEnum):
    """Why a mail seems to be sent by a machine (RFC 3834 and what is in use beside it)."""

    AUTO_REPLY = "auto_reply"  # an absence message or another answer by a machine
    AUTO_GENERATED = "auto_generated"  # a machine's own message
    DELIVERY_REPORT = "delivery_report"  # a bounce, a delay, an abuse report
    READ_RECEIPT = "read_receipt"  # "your message was read"
    CALENDAR_REPLY = "calendar_reply"  # an appointment accepted, declined or cancelled
    LIST = "list"  # came through a mailing list
    BULK = "bulk"  # Precedence: bulk or junk
    SUPPRESSED = "suppressed"  # the sender asks for no automatic answers
    NULL_SENDER = "null_sender"  # an empty Return-Path: nobody to answer
    SYSTEM_SENDER = "system_sender"  # no-reply, postmaster and the like
    REPLY_SUBJECT = "reply_subject"  # only the subject looks like an absence message

    @property
    def may_be_idea(self) -> bool:
        """Whether the mail must be kept as a possible idea. It is never answered, whatever this says."""
        return self not in {
            AutomaticKind.AUTO_REPLY,
            AutomaticKind.AUTO_GENERATED,
            AutomaticKind.DELIVERY_REPORT,
            AutomaticKind.READ_RECEIPT,
            AutomaticKind.CALENDAR_REPLY,
        }


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment. `size` is its real size in bytes; `content` is empty when it was over the limit."""

    name: str
    content_type: str
    size: int
    content: bytes = field(repr=False)

    @property
    def complete(self) -> bool:
        return len(self.content) == self.size


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """One mail as read.

    `message_id`, `in_reply_to` and `references` stand without angle brackets. `subject` and `title` are one
    line without control characters; `title` has lost Re:, Fwd: and the like. `sent_at` is UTC. `text` holds the
    person's own words (and what they forwarded), `whole_text` all text as decoded. Addresses are lower case; the
    sender's is only a claim: `sender_verified` says what the organisation's own mail server found, None when
    it said nothing. `automatic_sign` is the header that `automatic` rests on. `problems` are sentences for the
    person who looks at the mail.
    """

    message_id: str | None = None
    from_address: str | None = None
    from_name: str = ""
    reply_to: str | None = None
    to: tuple[str, ...] = ()
    subject: str = ""
    title: str = ""
    sent_at: datetime | None = None
    text: str = field(default="", repr=False)
    whole_text: str = field(default="", repr=False)
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    automatic: AutomaticKind | None = None
    automatic_sign: str = ""
    sender_verified: bool | None = None
    attachments: tuple[Attachment, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def may_be_idea(self) -> bool:
        """False for what surely holds no idea: bounces, absence messages, receipts."""
        return self.automatic is None or self.automatic.may_be_idea
