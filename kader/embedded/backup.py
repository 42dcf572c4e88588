"""One file with all that is needed to have this Kader again, taken while it runs."""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select
from sqlalchemy.engine import URL, make_url

from kader.embedded.database import applied_revision
from kader.errors import UserError
from kader.secret import kept_secret
from kader.settings import Settings
from models import TextModelVersion
from models.session import Database

# Names in the file: those of the var folder, so that it is unpacked into an empty one.
SQLITE, POSTGRESQL, ABOUT = "kader.db", "database.dump", "backup.json"
_PAGES = 4_096

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What went into the file: `database` is its name there, `models` are the text models in use."""

    database: str
    models: tuple[str, ...]
    has_secret: bool
    has_mail: bool
    size: int


def back_up(
    database: Database,
    settings: Settings,
    path: Path,
    *,
    now: datetime,
    progress: Progress = lambda _done, _total: None,
) -> BackedUp:
    """Write database, text model in use, secret key and kept mail to `path`, a tar.gz that only this user may read.

    The database is as it was at one moment; others go on working. A file that was there stays until the new one is
    whole. `progress` is told the pages of SQLite. Raises UserError.
    """
    models = set(_in_use(database))
    try:
        with TemporaryDirectory(prefix=".kader-backup-", dir=path.resolve().parent) as folder:
            if database.is_sqlite:
                copy = Path(folder) / SQLITE
                _copy_sqlite(make_url(settings.database), copy, progress)
            else:
                copy = Path(folder) / POSTGRESQL
                _dump_postgresql(make_url(settings.database), copy)
            # A model may have come into use while the database was copied.
            models |= set(_in_use(database))
            packed = Path(folder) / "packed"
            made = _pack(packed, copy, sorted(models), settings, now)
            packed.replace(path.resolve())
    except OSError as error:
        raise UserError(f"{path} can't be written: {error.strerror or type(error).__name__}.") from error
    return made


def _in_use(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(TextModelVersion.version).where(TextModelVersion.is_active)))


def _copy_sqlite(url: URL, copy: Path, progress: Progress) -> None:
    """By SQLite's own backup, of one moment: the open read keeps what others write meanwhile out of it."""
    with (
        closing(sqlite3.connect(str(url.database), isolation_level=None)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(target, pages=_PAGES, progress=lambda _, left, total: progress(total - left, total))
        source.execute("ROLLBACK")


def _dump_postgresql(url: URL, copy: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise UserError(
            "This Kader's database is PostgreSQL, which its own pg_dump backs up, and that isn't here: install the "
            "PostgreSQL client of the server's version, or back the database up at the server and copy "
            "KADER_VAR/models and KADER_VAR/secret beside it."
        )
    host = url.query.get("host", url.host or "")
    # The password isn't an argument: those can be seen by all users of the machine.
    known = {
        "PGHOST": host if isinstance(host, str) else host[0],
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
        "PGDATABASE": url.database or "",
    }
    told = subprocess.run(
        [program, "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}"],
        env={**os.environ, **{name: value for name, value in known.items() if value}},
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        first = next(iter(told.stderr.strip().splitlines()), f"it ended with {told.returncode}")
        raise UserError(f"pg_dump can't back the database up: {first}")


def _pack(packed: Path, copy: Path, models: list[str], settings: Settings, now: datetime) -> BackedUp:
    kept = [name for name in models if (settings.models / name).is_dir()]
    secret, mail = kept_secret(settings), settings.mailbox
    has_secret, has_mail = secret.is_file(), mail.is_dir()
    about = {
        "kader": version("kader"),
        "made_at": now.isoformat(timespec="seconds"),
        "revision": applied_revision(settings),
        "database": copy.name,
        "models": kept,
    }
    (copy.parent / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    # Whoever has this file can read all ideas and make signed links.
    with os.fdopen(os.open(packed, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
            archive.add(copy.parent / ABOUT, ABOUT)
            archive.add(copy, copy.name)
            for name in kept:
                archive.add(settings.models / name, f"models/{name}")
            if has_secret:
                archive.add(secret, "secret")
            if has_mail:
                archive.add(mail, "mail")
        file.flush()
        os.fsync(file.fileno())
    return BackedUp(copy.name, tuple(kept), has_secret, has_mail, packed.stat().st_size)
