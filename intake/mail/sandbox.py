"""Parse mails where it can be killed: in a child process with limits on time, processor and memory.

The child is a plain subprocess rather than a `multiprocessing` one: it doesn't import the parent's main module,
works below the daemonic processes of a Celery worker, and sees neither the parent's environment nor its files.
"""

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

import intake
from intake.mail.limits import DEFAULT_LIMITS, MailLimits
from intake.mail.parsed import ParsedMail, UnreadableMail, over_limit
from intake.mail.wire import LENGTH_BYTES, frame, mail_from_bytes
from kader.errors import TransientError

CHUNK = 1 << 20  # bytes read at a time
START_SECONDS = 60.0  # a busy machine may take long to start Python


class ChildFailed(Exception):  # noqa: N818  # never leaves this module: it says what happened to the child
    """The child hung, died or was ended by one of its limits."""


class SafeParser:
    """Parses mails one after the other in one child process; a new child follows one that failed.

    To be used as a context manager, by one thread at a time. The child is started with the first mail.
    """

    def __init__(self, limits: MailLimits = DEFAULT_LIMITS, *, authserv_id: str = "") -> None:
        self.limits = limits
        self.authserv_id = authserv_id
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def parse(self, raw: bytes) -> ParsedMail:
        """As `parse_message`, with UnreadableMail also for a mail that hangs or exhausts the child.

        Raises TransientError when no child can be started.
        """
        if len(raw) > self.limits.total:
            raise over_limit(self.limits.total)
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            self._child = self._start()
        try:
            answer = exchange(self._child, frame(raw), time.monotonic() + self.limits.seconds)
        except ChildFailed as error:
            self.close()
            raise UnreadableMail(
                "De mail is apart gelegd: het lezen kostte te veel tijd of geheugen, of ging mis. / "
                f"The mail was set aside because {error}."
            ) from error
        except BaseException:
            # Interrupted between question and answer: the next mail must not get this one's answer.
            self.close()
            raise
        return mail_from_bytes(answer)

    def close(self) -> None:
        """End the child, at once and in any state."""
        child, self._child = self._child, None
        if child is not None:
            end(child)

    def _start(self) -> subprocess.Popen[bytes]:
        arguments = [json.dumps(asdict(self.limits)), self.authserv_id]
        root = str(Path(intake.__file__).resolve().parents[1])
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "intake.mail.child", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={"PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
            start_new_session=True,
        )
        try:
            exchange(child, b"", time.monotonic() + START_SECONDS)
        except ChildFailed as error:
            # No mail is to blame: none may be set aside for it.
            end(child)
            raise TransientError("The process that reads mails can't be started.") from error
        except BaseException:
            end(child)
            raise
        return child


def end(child: subprocess.Popen[bytes]) -> None:
    """Stop the process, whatever it is doing, and give back what belongs to it."""
    child.kill()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    child.wait()


def exchange(child: subprocess.Popen[bytes], question: bytes, deadline: float) -> bytes:
    """Send the question and read the answer, both at once and never beyond the deadline (monotonic seconds)."""
    if child.stdin is None or child.stdout is None:
        raise ChildFailed("the parser has no pipes")
    os.set_blocking(child.stdin.fileno(), False)
    os.set_blocking(child.stdout.fileno(), False)
    unsent = memoryview(question)
    answer = bytearray()
    expected = LENGTH_BYTES
    while len(answer) < expected:
        left = deadline - time.monotonic()
        if left <= 0:
            raise ChildFailed("reading it took too long")
        readable, writable, _ = select.select([child.stdout], [child.stdin] if unsent else [], [], left)
        try:
            if writable:
                unsent = unsent[os.write(child.stdin.fileno(), unsent[:CHUNK]) :]
            if readable:
                piece = os.read(child.stdout.fileno(), CHUNK)
                if not piece:
                    raise ChildFailed("reading it took too much time or memory")
                answer += piece
        except OSError as error:
            raise ChildFailed("the parser ended while it was read") from error
        if expected == LENGTH_BYTES and len(answer) >= LENGTH_BYTES:
            expected = LENGTH_BYTES + int.from_bytes(answer[:LENGTH_BYTES])
    return bytes(answer[LENGTH_BYTES:])
