"""Looks for ideas like a text that somebody is writing: quickly, for many at once, and keeping nothing of them."""

import logging
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

from kader.errors import PermanentError
from kader.settings import Settings
from models.session import Database
from pipeline.store.duplicates.similar import SimilarIdea, similar_to
from pipeline.store.search.mind import Mind
from pipeline.store.textmodels.loading import load_mind

logger = logging.getLogger(__name__)

MOST = 5
# Of a long draft the beginning is enough.
LONGEST = 3_000
FEWEST_LETTERS = 8
# The same words again within so long get the same answer: whoever types a blank, or goes back.
FRESH = timedelta(seconds=30)
_KEPT = 256
# Searches a second in one process, whoever asks; more than some fifty people typing at the same moment need.
MOST_A_SECOND = 25
# Seconds that somebody waits for the searches of others; typing goes on, and the next one may be luckier.
PATIENCE = 1.0


class BusyError(Exception):
    """Too many ask at this moment: ask again later."""


@dataclass(slots=True)
class Finder:
    """The text model and index of one web process, loaded when somebody first asks."""

    database: Database
    settings: Settings
    clock: Callable[[], datetime]
    _mind: Mind | None = None
    _lock: Lock = field(default_factory=Lock)
    _kept: OrderedDict[bytes, tuple[datetime, tuple[SimilarIdea, ...]]] = field(default_factory=OrderedDict)
    _asked: deque[datetime] = field(default_factory=deque)

    def find(self, text: str) -> tuple[SimilarIdea, ...]:
        """Ideas like `text`, best first, at most MOST; none for a few letters, or without a text model.

        Raises BusyError.
        """
        words = " ".join(text.casefold().split())[:LONGEST]
        if not self.settings.similar or sum(map(str.isalpha, words)) < FEWEST_LETTERS:
            return ()
        # Words are kept as a hash only: what somebody didn't send is nobody's business.
        key = sha256(words.encode("utf-8", "surrogatepass")).digest()
        if not self._lock.acquire(timeout=PATIENCE):
            raise BusyError
        try:
            now = self.clock()
            kept = self._kept.get(key)
            if kept is not None and now - kept[0] <= FRESH:
                return kept[1]
            self._count(now)
            try:
                self._mind = load_mind(self.database, self.settings, self._mind)
            except PermanentError as error:
                # The form must go on working; `kader doctor` says what is wrong with the model.
                logger.warning("nothing can be shown that is like a draft: %s", error)
                return ()
            if self._mind is None:
                return ()
            with self.database.reading() as session:
                found = similar_to(session, self._mind, words, most=MOST, language=self.settings.language)
            self._kept[key] = now, found
            self._kept.move_to_end(key)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return found
        finally:
            self._lock.release()

    def _count(self, now: datetime) -> None:
        while self._asked and now - self._asked[0] > timedelta(seconds=1):
            self._asked.popleft()
        if len(self._asked) >= MOST_A_SECOND:
            raise BusyError
        self._asked.append(now)
