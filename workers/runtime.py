"""What one worker process has open: settings, database, and the loaded text model."""

import gc
import logging
import os
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kader.links import Links
from kader.secret import secret_key
from kader.settings import Settings, read_settings
from models.session import Database, open_database
from pipeline.store.search.mind import Mind
from pipeline.store.textmodels.loading import load_mind
from pipeline.text.packing import OtherFormatError

logger = logging.getLogger(__name__)

# A batch makes some thousands of objects that live until it is done, and hardly any cycle.
_OBJECTS_BEFORE_COLLECTING = 20_000


@dataclass(slots=True)
class Runtime:
    """Opened once in each process, after the fork.

    `is_outdated`: when the text model was last asked for, the one in use was of another version of Kader, and unreadable.
    """

    settings: Settings
    database: Database
    owner: str
    links: Links
    loaded: Mind | None = field(default=None)
    is_outdated: bool = field(default=False)

    def mind(self) -> Mind | None:
        """The text model in use, loaded when it is first needed or was replaced.

        None before any training, and after an update of Kader that reads no older files: there is one to train.
        """
        before = self.loaded
        try:
            self.loaded = load_mind(self.database, self.settings, self.loaded)
        except OtherFormatError:
            if not self.is_outdated:
                logger.warning(
                    "another version of Kader made the text model in use: ideas wait until a worker has trained a new one"
                )
            self.loaded, self.is_outdated = None, True
            return None
        self.is_outdated = False
        if self.loaded is not before:
            _set_apart()
        return self.loaded


def _set_apart() -> None:
    """Spare what stays from the collector of cycles: going through modules and model took a quarter of triage's time."""
    # What was set apart before may be garbage now.
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)


def now() -> datetime:
    return datetime.now(UTC)


_open: dict[str, Runtime] = {}


def runtime() -> Runtime:
    """The runtime of this process."""
    if "runtime" not in _open:
        settings = read_settings()
        _open["runtime"] = Runtime(
            settings=settings,
            database=open_database(settings.database),
            owner=f"{socket.gethostname()[:40]}:{os.getpid()}",
            links=Links(secret_key(settings), settings.pages, settings.link_days),
        )
    return _open["runtime"]


def forget_runtime() -> None:
    """Drop what was inherited from the parent process, without closing the parent's connections."""
    inherited = _open.pop("runtime", None)
    if inherited is not None:
        inherited.database.dispose(close=False)
