"""The folders that Kader keeps to itself, and the locks that keep two Kaders apart."""

import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kader.errors import UserError
from kader.settings import Settings


def private_folder(path: Path) -> Path:
    """Make sure that `path` is a folder that only this user can enter (0700).

    Raises UserError when it can't be made, or is a link or somebody else's: the shared temporary folder
    is open to all, and another user may have been there first.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise UserError(
                f"{path} must be a folder of the user that runs Kader: remove it or set KADER_VAR."
            )
        path.chmod(0o700)
    except OSError as error:
        raise UserError(
            f"The folder {path} can't be used ({error.strerror}): make it writable or set KADER_VAR."
        ) from error
    return path


def prepare_folders(settings: Settings) -> None:
    """Make the folders that the processes expect; the var folder itself may be a link to another disk."""
    private_folder(settings.var.resolve())
    for name in ("run", "log"):
        private_folder(settings.var / name)
    private_folder(settings.socket.parent)


def _lock_path(settings: Settings, role: str) -> Path:
    return settings.var / "run" / f"{role}.lock"


@contextmanager
def only_one(settings: Settings, roles: Iterable[str]) -> Iterator[None]:
    """Hold the locks of these roles; the system lets go of them however this process ends.

    Raises UserError when another process on this var folder has one of them.
    """
    with ExitStack() as held:
        for role in roles:
            lock = held.enter_context(_lock_path(settings, role).open("a", encoding="utf-8"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(
                    f"Kader is already running on {settings.var} ({role}): stop it first, or set another KADER_VAR."
                ) from None
        yield


def held_roles(settings: Settings, roles: Iterable[str]) -> list[str]:
    """Those of the roles that some `kader up` on this var folder looks after at this moment."""
    held = []
    for role in roles:
        path = _lock_path(settings, role)
        if not path.exists():
            continue
        with path.open("a", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                held.append(role)
    return held
