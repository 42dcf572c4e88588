"""What an error looks like on the command line: one line on standard error, and an exit code."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from kader.errors import KaderError, UserError

FAILED = 1
MISUSED = 2
INTERRUPTED = 130
STOPPED = 143  # as the shell tells of SIGTERM


@contextmanager
def user_errors() -> Iterator[None]:
    """Turn Kader's errors into a line and an exit code; `@user_errors()` on a function does the same.

    A UserError ends with 2, any other of Kader's errors with 1, Ctrl-C with 130. An error that nobody
    foresaw is a defect, and passes with its trace.
    """
    try:
        yield
    except UserError as error:
        raise _told(error, MISUSED) from error
    except KaderError as error:
        raise _told(error, FAILED) from error
    except KeyboardInterrupt:
        raise click.exceptions.Exit(INTERRUPTED) from None


@contextmanager
def tidy_when_stopped() -> Iterator[None]:
    """Let SIGTERM (`timeout`, `kill`) end the work as Ctrl-C does, so that nothing half done stays behind.

    Does so in the main thread only, where signals arrive; `@tidy_when_stopped()` on a function does the same.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(STOPPED)


def _told(error: KaderError, code: int) -> click.exceptions.Exit:
    sentence = " ".join(str(error).split()) or type(error).__name__
    click.echo(f"kader: {sentence}", err=True)
    return click.exceptions.Exit(code)
