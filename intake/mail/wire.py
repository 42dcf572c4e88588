"""How a parsed mail travels from the child process to its parent: JSON and bytes.

Not pickle: the child has read hostile input, and what it says must never run as code in its parent.
"""

import json
from dataclasses import replace
from datetime import datetime

from intake.mail.parsed import Attachment, AutomaticKind, ParsedMail, UnreadableMail

LENGTH_BYTES = 8
TUPLES = ("to", "references", "problems")
PLAIN = (
    "message_id", "from_address", "from_name", "reply_to", "subject", "title", "text", "whole_text", "in_reply_to",
    "automatic_sign", "sender_verified", *TUPLES,
)  # fmt: skip


def mail_to_bytes(mail: ParsedMail) -> bytes:
    fields = {name: getattr(mail, name) for name in PLAIN}
    fields["sent_at"] = mail.sent_at.isoformat() if mail.sent_at else None
    fields["automatic"] = mail.automatic
    fields["attachments"] = [
        (each.name, each.content_type, each.size, len(each.content)) for each in mail.attachments
    ]
    return frame(json.dumps(fields).encode()) + b"".join(each.content for each in mail.attachments)


def error_to_bytes(error: UnreadableMail) -> bytes:
    return frame(json.dumps({"error": str(error)}).encode())


def mail_from_bytes(answer: bytes) -> ParsedMail:
    """The mail that the child read. Raises UnreadableMail when the child says so or sends nonsense."""
    try:
        length = int.from_bytes(answer[:LENGTH_BYTES])
        fields = json.loads(answer[LENGTH_BYTES : LENGTH_BYTES + length])
        if "error" in fields:
            raise UnreadableMail(str(fields["error"]))
        sent_at, automatic, attachments = (
            fields.pop(name) for name in ("sent_at", "automatic", "attachments")
        )
        fields |= {name: tuple(fields[name]) for name in TUPLES}
        return replace(
            ParsedMail(**fields),
            sent_at=datetime.fromisoformat(sent_at) if sent_at else None,
            automatic=AutomaticKind(automatic) if automatic else None,
            attachments=split_attachments(attachments, answer[LENGTH_BYTES + length :]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise UnreadableMail(
            "De mail is gelezen, maar met een uitkomst die niet klopt. / "
            "The mail was read, but the result of it makes no sense."
        ) from error


def split_attachments(listed: list[tuple[str, str, int, int]], contents: bytes) -> tuple[Attachment, ...]:
    found: list[Attachment] = []
    start = 0
    for name, content_type, size, stored in listed:
        found.append(Attachment(name, content_type, size, contents[start : start + stored]))
        start += stored
    return tuple(found)


def frame(content: bytes) -> bytes:
    """The content with its length before it."""
    return len(content).to_bytes(LENGTH_BYTES) + content
