"""Log lines: one a line, UTC time, process name, no personal data."""

import logging
import sys
import time


class UtcFormatter(logging.Formatter):
    """Times in UTC, so that lines of several hosts can be laid side by side."""

    converter = staticmethod(time.gmtime)


def start_logging(process: str, level: str = "INFO") -> None:
    """Send log lines to standard error, marked with the name of this process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        UtcFormatter(
            f"%(asctime)s.%(msecs)03dZ {process:<7} %(levelname)-7s %(message)s", "%Y-%m-%dT%H:%M:%S"
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Third parties tell too much at INFO, and some put addresses in it.
    for name in ("celery", "kombu", "alembic", "uvicorn.access"):
        logging.getLogger(name).setLevel("WARNING")
