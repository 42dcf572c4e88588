"""Where raw mails come from on a disk: .eml files, folders, Maildirs and mbox files.

Whatever can't be read becomes an item with an error, so that the mails beside it flow on and none is lost silently.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from intake.mail.limits import DEFAULT_LIMITS
from intake.mail.parsed import UnreadableMail
from kader.errors import UserError

MBOX_START = b"From "
# "From " that begins a message, and not a sentence: with an address or a word, and a time.
ENVELOPE = re.compile(rb"^From \S*.*\d{1,2}:\d{2}")
ESCAPED_FROM = re.compile(rb"^>+From ")
OUTLOOK_START = b"\xd0\xcf\x11\xe0"  # OLE 2: the .msg files of Outlook
MAILDIR_FOLDERS = {"new", "cur"}
LONGEST_READ = 1 << 20  # bytes read at a time, for files without line ends


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One mail as it lies there. `origin`: its path, with `#3` for the third in an mbox. With `error`, `raw` is empty."""

    origin: str
    raw: bytes = field(repr=False)
    error: UnreadableMail | None = None


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
        yield failed(str(error.filename), "The folder can't be opened")


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
    return path.suffix.lower() in {".eml", ".mbox", ".mbx", ".msg"}


def messages_of_file(path: Path, largest: int) -> Iterator[RawMessage]:
    if path.suffix == ".lock" or not path.is_file():
        yield failed(str(path), "This is no ordinary file")
        return
    try:
        with path.open("rb") as file:
            start = file.read(len(MBOX_START))
            has_envelope = start == MBOX_START and ENVELOPE.match(start + file.readline(LONGEST_READ))
            if has_envelope and path.suffix.lower() != ".eml":
                file.seek(0)
                yield from messages_of_mbox(file, str(path), largest)
                return
            if has_envelope:
                # One mail saved with its envelope line; a "From " further down is the mail's own text.
                start = b""
            else:
                file.seek(len(start))
            if start.startswith(OUTLOOK_START):
                yield failed(str(path), "This is a message in Outlook's own form; save it as .eml")
                return
            raw = start + file.read(largest + 1 - len(start))
    except OSError:
        yield failed(str(path), "The file can't be read")
        return
    yield RawMessage(str(path), raw) if len(raw) <= largest else too_large(str(path), largest)


def messages_of_mbox(file: BinaryIO, path: str, largest: int) -> Iterator[RawMessage]:
    """The mails of an mbox, split at "From " lines that follow an empty line (RFC 4155).

    One level of ">From " is taken back. A mail that is too large is passed over without keeping it.
    """
    number = 0
    collected = bytearray()
    size = 0
    after_empty, line_start = True, True
    while line := file.readline(LONGEST_READ):
        if line_start and after_empty and ENVELOPE.match(line):
            if number:
                yield mbox_message(path, number, bytes(collected), size, largest)
            number += 1
            collected.clear()
            size = 0
        else:
            line_to_keep = line[1:] if line_start and ESCAPED_FROM.match(line) else line
            size += len(line_to_keep)
            if size <= largest:
                collected += line_to_keep
            else:
                collected.clear()
        after_empty = line_start and not line.strip(b"\r\n")
        line_start = line.endswith(b"\n")
    yield mbox_message(path, number, bytes(collected), size, largest)


def mbox_message(path: str, number: int, raw: bytes, size: int, largest: int) -> RawMessage:
    origin = f"{path}#{number}"
    return RawMessage(origin, raw) if size <= largest else too_large(origin, largest)


def too_large(origin: str, largest: int) -> RawMessage:
    return failed(origin, f"The mail is larger than the {largest} bytes that are allowed")


def failed(origin: str, reason: str) -> RawMessage:
    return RawMessage(origin, b"", UnreadableMail(f"{reason}."))
