"""The key that signs links: from the settings, or made once and kept in the var folder."""

import os
import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile

from kader.errors import UserError
from kader.settings import Settings


def secret_key(settings: Settings) -> str:
    """The key of this Kader; the same for every process on one var folder.

    Raises UserError when the var folder can't keep it, or holds an empty one.
    """
    if settings.secret_key:
        return settings.secret_key
    path = kept_secret(settings)
    try:
        if not path.exists():
            _make(path)
        found = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise UserError(
            f"The secret key can't be kept in {path} ({error.strerror}): mend the folder or set KADER_SECRET_KEY."
        ) from error
    if not found:
        raise UserError(
            f"{path} is empty: put the key back from a backup, or remove the file to make a new one."
        )
    return found


def kept_secret(settings: Settings) -> Path:
    """The file that holds the key when the settings don't."""
    return settings.var / "secret"


def _make(path: Path) -> None:
    """Write a new key beside `path` and link it there: whoever links first wins, and nobody sees half a key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix="secret-", encoding="ascii") as unfinished:
        unfinished.write(secrets.token_urlsafe(48))
        unfinished.flush()
        os.fsync(unfinished.fileno())
        try:
            path.hardlink_to(unfinished.name)
        except FileExistsError:
            # Another process was first; its key is the one.
            return
