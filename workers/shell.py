"""What stands around every task: an error that nobody foresaw is logged without the words of people."""

import logging
from collections.abc import Callable
from functools import wraps

from kader.errors import TransientError
from kader.log import kind_of, places_of
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
            kind = kind_of(error)
            if isinstance(error, TransientError) or is_transient(error):
                logger.warning("%s stopped for now (%s); the sweep rings again", work.__name__, kind)
                return
            logger.error("%s failed (%s); the sweep rings again\n%s", work.__name__, kind, places_of(error))  # noqa: TRY400  # see above

    return run
