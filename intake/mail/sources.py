"""Where raw mails come from on a disk: .eml files, folders, Maildirs and mbox files.

Whatever can't be read becomes an item with an error, so that the mails beside it flow on and none is lost silently.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from intake.mail.limits import DEFAULT_LIMITS
from intake.mail.parsed import UnreadableMail, over_limit
from intake.mail.structure import HEADER_END
from kader.errors import UserError

# "From " that begins a message, and not a sentence: with an address or a word, and a time.
ENVELOPE = re.compile(rb"^From \S*.*\d{1,2}:\d{2}")
ESCAPED_FROM = re.compile(rb"^>+From ")
OUTLOOK_START = b"\xd0\xcf\x11\xe0"  # OLE 2: the .msg files of Outlook
MBOX_NAMES = {".mbox", ".mbx"}
MAILDIR_FOLDERS = {"new", "cur"}
LONGEST_READ = 1 << 20  # bytes read at a time, for files without line ends


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One mail as it lies there. `origin`: its path, with `#3` for the third in an mbox.

    With `error`, `raw` is what there is to keep for a person, often nothing or only the beginning; `digest` (SHA-256)
    is of all that was read then: another mail in the same place is no repeat.
    """

    origin: str
    raw: bytes = field(repr=False)
    error: UnreadableMail | None = None
    digest: str | None = None


def iter_messages(
    paths: Iterable[Path | str], *, largest: int = DEFAULT_LIMITS.total
) -> Iterator[RawMessage]:
    """The mails in these files and folders, in the order of their names; one at a time in memory.

    A mail over `largest` bytes comes as an item with an error. Raises UserError at once for a path that isn't there.
    """
    places = [Path(path) for path in paths]
    for place in places:
        if not place.exists():
            raise UserError(
                f"There is no file or folder {place}; give the path of an .eml file, an mbox or a folder."
            )
    return (message for place in places for message in messages_in(place, largest))


def messages_in(place: Path, largest: int) -> Iterator[RawMessage]:
    if not place.is_dir():
        yield from messages_of_file(place, largest)
        return
    unreadable: list[OSError] = []
    for folder, names, files in os.walk(place, onerror=unreadable.append):
        names.sort()
        for name in sorted(files):
            path = Path(folder, name)
            if is_mail(path):
                yield from messages_of_file(path, largest)
    for error in unreadable:
        yield failed(str(error.filename), "De map kan niet worden geopend", "The folder can't be opened")


def is_mail(path: Path) -> bool:
    """Whether a file in a folder is meant as mail: by its name, or by its place in a Maildir."""
    if path.name.startswith("."):
        return False
    parent = path.parent
    if (
        parent.name in MAILDIR_FOLDERS
        and (parent.parent / "new").is_dir()
        and (parent.parent / "cur").is_dir()
    ):
        return True
    return path.suffix.lower() in {".eml", ".msg", *MBOX_NAMES}


def messages_of_file(path: Path, largest: int) -> Iterator[RawMessage]:
    if path.suffix == ".lock" or not path.is_file():
        yield failed(str(path), "Dit is geen gewoon bestand", "This is no ordinary file")
        return
    try:
        with path.open("rb") as file:
            first, begin = first_line(file)
            is_mbox = ENVELOPE.match(first) is not None
            if is_mbox and path.suffix.lower() != ".eml":
                file.seek(begin)
                yield from messages_of_mbox(file, str(path), largest)
                return
            if not is_mbox:
                # Otherwise one mail saved with its envelope line; a "From " further down is the mail's own text.
                file.seek(0)
            raw = file.read(largest + 1)
    except OSError:
        yield failed(str(path), "Het bestand kan niet worden gelezen", "The file can't be read")
        return
    yield from message_of_file(path, raw, is_empty=not first, largest=largest)


def first_line(file: BinaryIO) -> tuple[bytes, int]:
    """The first line that isn't empty, at most LONGEST_READ bytes of it, and where it begins."""
    while True:
        begin = file.tell()
        line = file.readline(LONGEST_READ)
        if not line or line.strip(b"\r\n"):
            return line, begin


def message_of_file(path: Path, raw: bytes, *, is_empty: bool, largest: int) -> Iterator[RawMessage]:
    """The one mail that a file holds; none for an empty mailbox."""
    origin = str(path)
    if raw.startswith(OUTLOOK_START):
        yield replace(
            failed(
                origin,
                "Dit is een bericht in de eigen vorm van Outlook; bewaar het als .eml",
                "This is a message in Outlook's own form; save it as .eml",
            ),
            digest=sha256(raw).hexdigest(),
        )
    elif len(raw) > largest:
        yield too_large(origin, largest, header_of(raw), sha256(raw).hexdigest())
    elif path.suffix.lower() not in MBOX_NAMES:
        yield RawMessage(origin, raw)
    elif not is_empty:
        yield failed(
            origin,
            "Dit is geen mbox: er staat geen regel met ‘From ’ en een tijd boven de mail",
            "This is no mbox: no line with 'From ' and a time stands above the mail",
            raw,
        )


def messages_of_mbox(file: BinaryIO, path: str, largest: int) -> Iterator[RawMessage]:
    """The mails of an mbox, split at "From " lines that follow an empty line (RFC 4155).

    The file stands at the first of these lines. One level of ">From " is taken back. Of a mail that is too large
    only the header is kept.
    """
    number = 0
    collected = bytearray()
    size = 0
    digest = sha256()
    after_empty, line_start = True, True
    while line := file.readline(LONGEST_READ):
        if line_start and after_empty and ENVELOPE.match(line):
            if number:
                yield mbox_message(path, number, bytes(collected), size, largest, digest.hexdigest())
            number += 1
            collected.clear()
            size = 0
            digest = sha256()
        else:
            line_to_keep = line[1:] if line_start and ESCAPED_FROM.match(line) else line
            digest.update(line_to_keep)
            if size <= largest < size + len(line_to_keep):
                collected = bytearray(header_of(bytes(collected + line_to_keep)))
            size += len(line_to_keep)
            if size <= largest:
                collected += line_to_keep
        after_empty = line_start and not line.strip(b"\r\n")
        line_start = line.endswith(b"\n")
    yield mbox_message(path, number, bytes(collected), size, largest, digest.hexdigest())


def mbox_message(path: str, number: int, raw: bytes, size: int, largest: int, digest: str) -> RawMessage:
    origin = f"{path}#{number}"
    return RawMessage(origin, raw) if size <= largest else too_large(origin, largest, raw, digest)


def too_large(origin: str, largest: int, header: bytes, digest: str) -> RawMessage:
    if not header:
        return RawMessage(origin, b"", over_limit(largest), digest)
    error = UnreadableMail(
        f"De mail is groter dan de {largest} bytes die mogen; alleen de afzender en het onderwerp zijn bewaard. / "
        f"The mail is larger than the {largest} bytes that are allowed; only its sender and subject were kept."
    )
    return RawMessage(origin, header, error, digest)


def header_of(raw: bytes) -> bytes:
    """What stands above the first empty line, so that a person sees whom to ask; nothing when there is no such line."""
    end = HEADER_END.search(raw, 0, DEFAULT_LIMITS.header_block)
    return raw[: end.end()] if end is not None else b""


def failed(origin: str, dutch: str, english: str, raw: bytes = b"") -> RawMessage:
    return RawMessage(origin, raw, UnreadableMail(f"{dutch}. / {english}."))
