"""Log lines: one a line, UTC time, process name, no personal data."""

import logging
import sys
import time
from traceback import format_tb
from types import TracebackType

from kader.errors import KaderError

ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class CarefulFormatter(logging.Formatter):
    """Times in UTC, so that lines of several hosts can be laid side by side; errors without their words."""

    converter = staticmethod(time.gmtime)

    def formatException(self, ei: ErrorInfo) -> str:  # noqa: N802  # the library's name
        """Where an error came about and of which kind it is, whoever logs it: our own code or somebody else's."""
        error = ei[1]
        return "" if error is None else f"{places_of(error)}{kind_of(error)}"


def start_logging(process: str, level: str = "INFO") -> None:
    """Send log lines to standard error, marked with the name of this process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        CarefulFormatter(
            f"%(asctime)s.%(msecs)03dZ {process:<7} %(levelname)-7s %(message)s", "%Y-%m-%dT%H:%M:%S"
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Third parties tell too much at INFO, and some put addresses in it.
    for name in ("celery", "kombu", "alembic", "uvicorn.access"):
        logging.getLogger(name).setLevel("WARNING")
    # This one tells what a mail server said, at any level.
    logging.getLogger("imapclient").setLevel("CRITICAL")


def kind_of(error: BaseException) -> str:
    """The kind of an error, with the kind of the driver's when the database raised it, and none of its words.

    The words may hold what somebody wrote, such as the row that a constraint refused. Only Kader's own errors
    come with their sentence, which says what to do.
    """
    if isinstance(error, KaderError):
        return f"{type(error).__name__}: {error}"
    cause = getattr(error, "orig", None)
    return type(error).__name__ if cause is None else f"{type(error).__name__}: {type(cause).__name__}"


def places_of(error: BaseException) -> str:
    """Where in the code an error came about; none of its words."""
    return "".join(format_tb(error.__traceback__))
