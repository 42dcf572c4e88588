"""What stands around every task: an error that nobody foresaw is logged without the words of people."""

import logging
from collections.abc import Callable
from functools import wraps
from traceback import format_tb

from sqlalchemy.exc import DBAPIError

from kader.errors import KaderError, TransientError
from models.session import is_transient

logger = logging.getLogger(__name__)


def shell(work: Callable[[], None]) -> Callable[[], None]:
    """Run a task's work; whatever goes wrong ends the turn, and the sweep rings again for what is left.

    The queue would log the error's message, and that may hold what somebody wrote, such as the row that a
    constraint refused. So only the kind of error and the places are logged.
    """

    @wraps(work)
    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  # logged here; the rows stay as they were
            kind = _kind(error)
            if isinstance(error, TransientError) or (isinstance(error, DBAPIError) and is_transient(error)):
                logger.warning("%s stopped for now (%s); the sweep rings again", work.__name__, kind)
                return
            places = "".join(format_tb(error.__traceback__))
            logger.error("%s failed (%s); the sweep rings again\n%s", work.__name__, kind, places)  # noqa: TRY400  # see above

    return run


def _kind(error: Exception) -> str:
    """The kind of error; with the sentence when it is Kader's own, which says what to do."""
    if isinstance(error, KaderError):
        return f"{type(error).__name__}: {error}"
    cause = error.orig if isinstance(error, DBAPIError) else None
    return type(error).__name__ if cause is None else f"{type(error).__name__}: {type(cause).__name__}"
