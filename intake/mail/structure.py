"""The MIME structure of a mail: its headers, its texts and its attachments, within limits.

The standard library's parser builds the tree; it is held by two seams of its own: a policy that cuts long
headers as they are read, and a factory that counts the parts. Its e-mail objects don't leave this module.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import errors, policy
from email.message import Message
from email.parser import BytesParser

from intake.mail.headers import one_line
from intake.mail.limits import MailLimits
from intake.mail.parsed import Attachment, UnreadableMail, over_limit

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# RFC 822 allowed spaces before the colon; the standard library takes "From : …" for the line of an mbox.
SPACED_NAME = re.compile(rb"^([!-9;-~]{1,80})[ \t]{1,80}:", re.MULTILINE)
HEADER_END = re.compile(rb"\r?\n\r?\n")
LONGEST_NAME = 150
# Texts that people see in the mail itself; text/csv, text/calendar and others are attachments.
SHOWN = {"text/plain", "text/html", "text/enriched", "text/markdown", "text/x-markdown"}
# What the standard library's parser is known to raise on broken mail.
BROKEN = (IndexError, LookupError, ValueError, TypeError, AttributeError, RecursionError, errors.MessageError)


class CuttingPolicy(policy.Compat32):
    """Headers as plain strings, cut to `longest` characters before anything looks into them."""

    longest: int = 16_000

    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, str]:
        name, _, first = sourcelines[0].partition(":")
        value = (first + "".join(sourcelines[1:]))[: self.longest]
        return name, value.strip(" \t\r\n")

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002  # the signature is the policy's
        return value


@dataclass(frozen=True, slots=True)
class TextPart:
    """A text of the mail as bytes, with what is needed to decode it."""

    content: bytes
    charset: str | None
    flowed: bool
    delete_space: bool


@dataclass(frozen=True, slots=True)
class TextBlock:
    """One text of the mail, offered as plain text, as HTML or as both."""

    plain: list[TextPart] = field(default_factory=list)
    html: list[TextPart] = field(default_factory=list)


@dataclass(slots=True)
class Structure:
    """What a mail consists of. `blocks` are shown one below the other; `messages` are whole mails within it."""

    headers: dict[str, list[str]]
    content_type: str
    report_type: str
    calendar_method: str = ""
    blocks: list[TextBlock] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return self.headers.get(name, [])

    def first(self, name: str) -> str:
        return next(iter(self.all(name)), "")


def read_structure(raw: bytes, limits: MailLimits) -> Structure:
    """Take a mail apart. Raises UnreadableMail when it is over a limit or no mail at all."""
    if not raw.strip():
        raise UnreadableMail("De mail is leeg. / The mail is empty.")
    raw = raw.removeprefix(BYTE_ORDER_MARK).lstrip(b"\r\n")
    if len(raw) > limits.total:
        raise over_limit(limits.total)
    end = HEADER_END.search(raw, 0, limits.header_block)
    if end is None and len(raw) > limits.header_block:
        raise UnreadableMail(
            f"De kopregels van de mail zijn groter dan de {limits.header_block} bytes die mogen. / "
            f"The headers of the mail are larger than the {limits.header_block} bytes that are allowed."
        )
    top = end.start() if end else len(raw)
    message = parse_tree(SPACED_NAME.sub(rb"\1:", raw[:top]) + raw[top:], limits)
    headers: dict[str, list[str]] = {}
    for name, value in message.items():
        headers.setdefault(name.lower().strip(), []).append(value)
    if not headers.keys() & {
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "received",
        "content-type",
        "sender",
    }:
        raise UnreadableMail(
            "Dit is geen e-mail: de kopregels die elke mail heeft, ontbreken. / "
            "This is no e-mail: it has none of the headers that every mail has."
        )
    structure = Structure(headers, content_type_of(message), parameter(message, "report-type").lower())
    collect(message, structure, limits)
    return structure


def parse_tree(raw: bytes, limits: MailLimits) -> Message:
    made = 0

    def counted(policy: policy.Policy) -> Message:
        nonlocal made
        made += 1
        # The parser makes one of its own to see how the factory takes its arguments.
        if made > limits.parts + 1:
            raise UnreadableMail(
                f"De mail heeft meer dan de {limits.parts} delen die mogen. / "
                f"The mail has more than the {limits.parts} parts that are allowed."
            )
        return Message(policy=policy)

    cutting = CuttingPolicy(longest=limits.header)  # type: ignore[call-arg]  # takes class attributes
    try:
        return BytesParser(_class=counted, policy=cutting).parsebytes(raw)  # type: ignore[arg-type]  # any callable will do
    except BROKEN as error:
        raise UnreadableMail(
            "De opbouw van de mail is zo kapot dat die niet te lezen is. / "
            "The structure of the mail is too broken to be read."
        ) from error


def collect(message: Message, structure: Structure, limits: MailLimits) -> None:
    """Walk over the parts in their order, without recursion, and sort them into texts and attachments."""
    room = limits.attachments
    waiting: list[tuple[Message, int, TextBlock | None]] = [(message, 0, None)]
    while waiting:
        part, depth, block = waiting.pop()
        if depth > limits.depth:
            raise UnreadableMail(
                f"De delen van de mail zitten dieper in elkaar dan de {limits.depth} lagen die mogen. / "
                f"The parts of the mail are nested deeper than the {limits.depth} levels allowed."
            )
        kind = content_type_of(part)
        if part.is_multipart() and kind.startswith("multipart/"):
            if kind == "multipart/alternative" and block is None:
                block = TextBlock()
                structure.blocks.append(block)
            waiting += [(child, depth + 1, block) for child in reversed(children_of(part))]
        elif is_text(part, kind, root=depth == 0):
            if block is None:
                structure.blocks.append(block := TextBlock())
            (block.html if kind == "text/html" else block.plain).append(text_part(part))
        else:
            room -= attach(part, kind, structure, room)


def attach(part: Message, kind: str, structure: Structure, room: int) -> int:
    """Add the part as an attachment; returns the bytes that it takes of the room there is."""
    content = content_of(part)
    if kind == "text/calendar":
        structure.calendar_method = parameter(part, "method").upper()
    if kind == "message/rfc822":
        structure.messages.append(content)
    name = (
        name_of(part)
        or f"attachment-{len(structure.attachments) + 1}{'.eml' if kind == 'message/rfc822' else ''}"
    )
    size = len(content)
    if size > room:
        structure.problems.append(
            f"De bijlage {name} van {size} bytes is te groot en is weggelaten. / "
            f"The attachment {name} of {size} bytes is over the limit and was left out."
        )
        content = b""
    structure.attachments.append(Attachment(name, kind, size, content))
    return len(content)


def children_of(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def is_text(part: Message, kind: str, *, root: bool) -> bool:
    """Whether people see this part as text of the mail, and not as an attachment."""
    disposition = part.get("content-disposition", "").split(";")[0].strip().lower()
    if disposition == "attachment" or (not root and name_of(part)):
        return False
    # A multipart without parts has lost its boundary: what it holds is shown as it stands.
    return kind in SHOWN or (kind.startswith("multipart/") and not part.is_multipart())


def text_part(part: Message) -> TextPart:
    return TextPart(
        content_of(part),
        parameter(part, "charset") or None,
        parameter(part, "format").lower() == "flowed",
        parameter(part, "delsp").lower() == "yes",
    )


def content_of(part: Message) -> bytes:
    """The decoded bytes; of a message within the mail its source."""
    try:
        if part.is_multipart():
            encoded = part.get("content-transfer-encoding", "").strip().lower() == "base64"
            source = b"\n".join(child.as_bytes() for child in children_of(part))
            # Against RFC 2046 some programs encode the mail within; the parser saw letters and no headers.
            return base64.b64decode(source) if encoded else source
        content = part.get_payload(decode=True)
    except BROKEN:
        content = str(part.get_payload()).encode("utf-8", "surrogateescape")
    return content if isinstance(content, bytes) else b""


def content_type_of(part: Message) -> str:
    try:
        return part.get_content_type()
    except BROKEN:
        return "text/plain"


def parameter(part: Message, name: str) -> str:
    """A parameter of Content-Type, decoded; "" when it isn't there or can't be read."""
    try:
        value = part.get_param(name)
    except BROKEN:
        return ""
    if isinstance(value, tuple):  # RFC 2231: charset, language, value
        value = value[2]
    return one_line(value)[:LONGEST_NAME] if isinstance(value, str) else ""


def name_of(part: Message) -> str:
    """The file name that the sender gave, without folders and without what file systems refuse."""
    try:
        name = one_line(part.get_filename() or "")
    except BROKEN:
        return ""
    name = re.sub(r'[<>:"|?*]', "_", re.split(r"[/\\]", name)[-1]).strip(". ")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: LONGEST_NAME - 12]}{dot}{ending[:10]}" if len(name) > LONGEST_NAME else name
