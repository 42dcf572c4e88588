"""What an error looks like on the command line: one line on standard error, and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from kader.errors import KaderError, UserError

FAILED = 1
MISUSED = 2
INTERRUPTED = 130


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


def _told(error: KaderError, code: int) -> click.exceptions.Exit:
    sentence = " ".join(str(error).split()) or type(error).__name__
    click.echo(f"kader: {sentence}", err=True)
    return click.exceptions.Exit(code)
