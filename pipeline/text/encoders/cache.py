"""Vectors kept on disk by the hash of their text, so that no text is encoded twice.

One SQLite file in a folder, for any number of encoders and processes. It never holds a text, only the SHA-256 of
the encoder's name and the text. It may be removed at any time, and is made again when it is damaged: trouble with
it costs time, never a result.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from hashlib import blake2b, sha256
from pathlib import Path
from typing import TypeVar

import numpy as np

from kader.errors import UserError
from pipeline.text.encoders.encoder import Encoder
from pipeline.text.lexical.vectoriser import Floats

logger = logging.getLogger(__name__)

FILE = "vectors.db"
# Some 300,000 vectors of 384 numbers. Above it the oldest tenth goes.
MOST_BYTES = 512_000_000
_FORMAT = 1
_CHECK = 8
_ASKED_AT_ONCE = 500
_ENCODED_AT_ONCE = 1_024
_SECONDS_TO_WAIT = 10.0

Result = TypeVar("Result")


class VectorCache:
    """Rows of bytes by key. A connection lasts one call, so threads and forked processes may share this."""

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"Vectors can't be kept in {folder} ({error.strerror}): name another folder."
            ) from error
        self.path = folder / FILE
        self._most_bytes = most_bytes

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is kept of these; a row that isn't what was put there counts as absent."""

        def read(connection: sqlite3.Connection) -> dict[bytes, bytes]:
            found: dict[bytes, bytes] = {}
            for begin in range(0, len(keys), _ASKED_AT_ONCE):
                asked = keys[begin : begin + _ASKED_AT_ONCE]
                places = ",".join("?" * len(asked))
                found.update(
                    connection.execute(f"SELECT key, row FROM vector WHERE key IN ({places})", asked)  # noqa: S608  # question marks only
                )
            return {
                key: row[:-_CHECK]
                for key, row in found.items()
                if row[-_CHECK:] == _check(key, row[:-_CHECK])
            }

        return self._with(read) or {}

    def put(self, rows: Mapping[bytes, bytes]) -> None:
        """Keep these; when the file grows too large, the rows that were put there first go."""

        def write(connection: sqlite3.Connection) -> None:
            with _transaction(connection):
                connection.executemany(
                    "INSERT OR REPLACE INTO vector (key, row) VALUES (?, ?)",
                    ((key, row + _check(key, row)) for key, row in rows.items()),
                )
                while self._size(connection) > self._most_bytes and (oldest := self._oldest(connection)):
                    connection.execute("DELETE FROM vector WHERE id <= ?", oldest)

        self._with(write)

    def __len__(self) -> int:
        return (
            self._with(
                lambda connection: int(connection.execute("SELECT COUNT(*) FROM vector").fetchone()[0])
            )
            or 0
        )

    @staticmethod
    def _size(connection: sqlite3.Connection) -> int:
        pages, free, size = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    @staticmethod
    def _oldest(connection: sqlite3.Connection) -> tuple[int, ...]:
        """The last id of the oldest tenth; empty when nothing is left."""
        first, last = connection.execute("SELECT MIN(id), MAX(id) FROM vector").fetchone()
        return () if first is None else (first + (last - first) // 10,)

    def _with(self, work: Callable[[sqlite3.Connection], Result]) -> Result | None:
        try:
            try:
                with self._open() as connection:
                    return work(connection)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                logger.warning("the kept vectors in %s were damaged: made again", self.path)
                self._remove()
                with self._open() as connection:
                    return work(connection)
        except (sqlite3.Error, OSError) as error:
            logger.warning("vectors are not kept in %s: %s", self.path, error)
            return None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        if not self.path.exists():
            self.path.touch(mode=0o600)
        with closing(
            sqlite3.connect(self.path, timeout=_SECONDS_TO_WAIT, isolation_level=None)
        ) as connection:
            # What a power cut damages is noticed and made again.
            connection.execute("PRAGMA synchronous = OFF")
            if _format(connection) != _FORMAT:
                with _transaction(connection):
                    # Another process may have been first.
                    if _format(connection) != _FORMAT:
                        connection.execute("DROP TABLE IF EXISTS vector")
                        connection.execute(
                            "CREATE TABLE vector (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, row BLOB NOT NULL)"
                        )
                        connection.execute(f"PRAGMA user_version = {_FORMAT}")
            yield connection

    def _remove(self) -> None:
        for path in (self.path.with_name(f"{FILE}-journal"), self.path):
            path.unlink(missing_ok=True)


class CachedEncoder:
    """An encoder that asks `cache` first, and encodes only what isn't there."""

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        self.name = encoder.name
        self.dimensions = encoder.dimensions
        self.encoder = encoder
        self._cache = cache

    def encode(self, texts: Sequence[str]) -> Floats:
        """Float32 (len(texts), dimensions), rows of unit length."""
        keys = [self._key(text) for text in texts]
        rows = {
            key: np.frombuffer(row, dtype="<f4")
            for key, row in self._cache.get(list(dict.fromkeys(keys))).items()
            if len(row) == 4 * self.dimensions
        }
        absent = {key: text for key, text in zip(keys, texts, strict=True) if key not in rows}
        # Texts of one length share a batch; what is encoded is kept a block at a time, as somebody may stop it.
        waiting = sorted(absent.items(), key=lambda each: len(each[1]))
        for begin in range(0, len(waiting), _ENCODED_AT_ONCE):
            block = waiting[begin : begin + _ENCODED_AT_ONCE]
            made = dict(
                zip((key for key, _ in block), self.encoder.encode([text for _, text in block]), strict=True)
            )
            self._cache.put({key: row.astype("<f4").tobytes() for key, row in made.items()})
            rows |= made
        result = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for place, key in enumerate(keys):
            result[place] = rows[key]
        return result

    def _key(self, text: str) -> bytes:
        return sha256(f"{self.name}\0{text}".encode("utf-8", "surrogatepass")).digest()


def _check(key: bytes, row: bytes) -> bytes:
    return blake2b(key + row, digest_size=_CHECK).digest()


def _format(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    # The low byte is the kind of error; errors of the sqlite3 module itself have no code.
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # some errors end it themselves
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def without_cache(encoder: Encoder) -> Encoder:
    """The encoder itself, for what isn't worth keeping: single words."""
    return encoder.encoder if isinstance(encoder, CachedEncoder) else encoder
