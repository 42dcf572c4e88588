"""The process that parses mails for `SafeParser`: one after the other, from standard input to standard output.

Started as `python -m intake.mail.child LIMITS AUTHSERV_ID`. It ends when its input ends, which is also what
happens when its parent dies.
"""

import json
import os
import resource
import sys
from typing import BinaryIO

from intake.mail.limits import MailLimits
from intake.mail.parse import parse_message
from intake.mail.parsed import UnreadableMail
from intake.mail.wire import LENGTH_BYTES, error_to_bytes, frame, mail_to_bytes

ALREADY_OPEN = 16  # files that Python may have open; more than these are never needed


def confine(limits: MailLimits) -> None:
    """Take from this process what a parser has no need of: much memory, files, other processes."""
    wanted = {
        resource.RLIMIT_AS: limits.memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: ALREADY_OPEN,
        resource.RLIMIT_NPROC: 0,
    }
    for limit, value in wanted.items():
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(
            limit, (value, value) if hard == resource.RLIM_INFINITY else (min(value, hard), hard)
        )


def grant_time(limits: MailLimits) -> None:
    """Let this process use so much more processor time for the next mail; beyond it the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + limits.processor_seconds + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(
        resource.RLIMIT_CPU, (seconds if hard == resource.RLIM_INFINITY else min(seconds, hard), hard)
    )


def serve(source: BinaryIO, target: BinaryIO, limits: MailLimits, authserv_id: str) -> None:
    target.write(frame(b""))  # "I am ready": from here on the time is the mail's
    target.flush()
    while header := source.read(LENGTH_BYTES):
        raw = source.read(int.from_bytes(header))
        grant_time(limits)
        try:
            answer = mail_to_bytes(parse_message(raw, limits, authserv_id=authserv_id))
        except UnreadableMail as error:
            answer = error_to_bytes(error)
        target.write(frame(answer))
        target.flush()


def main() -> None:
    limits = MailLimits(**json.loads(sys.argv[1]))
    confine(limits)
    try:
        with os.fdopen(os.dup(1), "wb") as target:
            serve(sys.stdin.buffer, target, limits, sys.argv[2])
    except BrokenPipeError:
        # The parent is gone; nobody waits for the answer.
        os._exit(0)


if __name__ == "__main__":
    main()
