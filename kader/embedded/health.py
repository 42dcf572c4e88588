"""What is set up, what answers, and what to do about what doesn't. Every look is bounded in time."""

import os
import platform
import shutil
import smtplib
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from redis.exceptions import RedisError

from kader.embedded.broker import broker_client
from kader.embedded.everything import ALL_ROLES
from kader.embedded.folders import held_roles
from kader.errors import PermanentError
from kader.settings import Settings, given_settings, unknown_settings

# Seconds that one look may take.
PATIENCE = 3.0
# Loading an encoder takes longer: seconds for PyTorch, and its weights are read twice.
ENCODER_PATIENCE = 60.0
LITTLE_SPACE = 1_000_000_000
TOO_LITTLE_SPACE = 100_000_000
OLDEST_BROKER = 7

Result = TypeVar("Result")


class State(StrEnum):
    """How one thing is doing."""

    OK = "ok"
    NOTE = "note"  # works, but somebody should know
    BAD = "bad"  # Kader doesn't work without it


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in one place, and what to do about it (empty when nothing)."""

    name: str
    state: State
    found: str
    advice: str = ""


def within(seconds: float, look: Callable[[], Result]) -> Result:
    """Give the result of `look`, or raise TimeoutError when it takes longer than `seconds`."""
    results: list[Result] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(look())
        except Exception as error:  # noqa: BLE001  # it is raised again by the caller's thread
            errors.append(error)

    # A daemon: a look that hangs for ever must not keep the program alive.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    return results[0]


def look_at_python() -> Finding:
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("python", State.OK, found)
    return Finding("python", State.BAD, found, "Install Kader with Python 3.11, 3.12 or 3.13.")


def look_at_settings() -> Finding:
    """Which settings were given and where; never their values, some of them are secrets."""
    known = {f"KADER_{name.upper()}" for name in Settings.model_fields}
    given = [
        f"{place}: {', '.join(sorted(names & known))}"
        for place, names in given_settings().items()
        if names & known
    ]
    found = "; ".join(given) or "all as they come"
    strange = unknown_settings()
    if strange:
        return Finding(
            "settings", State.NOTE, found, f"No such setting: {', '.join(strange)}. Check the spelling."
        )
    return Finding("settings", State.OK, found)


def look_at_folder(settings: Settings) -> Finding:
    folder = settings.var
    if not folder.exists():
        return _missing_folder(folder)
    try:
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"x")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(
            "var folder",
            State.BAD,
            f"{folder}: {error.strerror}",
            "Make it a writable folder, or set KADER_VAR.",
        )
    found = f"{folder}, {free / 1e9:.1f} GB free"
    if free < TOO_LITTLE_SPACE:
        return Finding("var folder", State.BAD, found, "Make room on this disk; ideas can't be kept without.")
    if free < LITTLE_SPACE:
        return Finding("var folder", State.NOTE, found, "Make room on this disk soon.")
    if folder.stat().st_mode & 0o077:
        return Finding("var folder", State.NOTE, found, f"Others can look inside: chmod 700 {folder}")
    return Finding("var folder", State.OK, found)


def _missing_folder(folder: Path) -> Finding:
    above = next(each for each in folder.parents if each.exists())
    if folder.is_symlink() or not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        return Finding(
            "var folder", State.BAD, f"{folder}: can't be made", "Make it yourself, or set KADER_VAR."
        )
    return Finding(
        "var folder",
        State.NOTE,
        f"{folder}: not made yet",
        "`kader up` makes it; when you expected a Kader here, check KADER_VAR.",
    )


def look_at_broker(settings: Settings) -> Finding:
    kind = f"embedded, {settings.socket}" if settings.embedded_broker else _without_password(settings.broker)
    try:
        with broker_client(settings, seconds=PATIENCE) as client:
            facts = within(PATIENCE, lambda: client.info("server"))
    except (RedisError, OSError) as error:
        advice = (
            "Start it with `kader up`."
            if settings.embedded_broker
            else "Start that server, or correct KADER_BROKER_URL; ideas are kept meanwhile."
        )
        return Finding("broker", State.BAD, f"{kind}: no answer ({type(error).__name__})", advice)
    name, version = (
        ("Valkey", str(facts["valkey_version"]))
        if "valkey_version" in facts
        else ("Redis", str(facts.get("redis_version", "0")))
    )
    found = f"{name} {version}, {kind}"
    if int(version.split(".")[0]) < OLDEST_BROKER:
        return Finding("broker", State.BAD, found, f"Use version {OLDEST_BROKER} or newer.")
    return Finding("broker", State.OK, found)


def look_at_processes(settings: Settings) -> Finding:
    running = held_roles(settings, ALL_ROLES)
    if not running:
        return Finding("processes", State.NOTE, "none on this var folder", "Start them with `kader up`.")
    return Finding("processes", State.OK, f"{', '.join(running)} on this var folder")


def look_at_mail(settings: Settings) -> Finding:
    if not settings.smtp_url:
        return Finding(
            "mail",
            State.NOTE,
            f"stays on this machine, in {settings.mailbox}",
            "Set KADER_SMTP_URL when people must get it.",
        )
    parts = urlsplit(settings.smtp_url)
    host = parts.hostname or ""
    port = parts.port or (465 if parts.scheme == "smtps" else 587)
    try:
        greeting = within(PATIENCE, lambda: _greet(parts.scheme, host, port))
    except (OSError, smtplib.SMTPException) as error:
        return Finding(
            "mail",
            State.BAD,
            f"{host} port {port}: {type(error).__name__}",
            "Check KADER_SMTP_URL and that server; mail waits in the outbox.",
        )
    return Finding("mail", State.OK, f"{host} port {port} answers ({greeting})")


def _greet(scheme: str, host: str, port: int) -> int:
    if scheme == "smtps":
        with smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=ssl.create_default_context()) as server:
            return server.noop()[0]
    with smtplib.SMTP(host, port, timeout=PATIENCE) as server:
        return server.noop()[0]


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    place = parts.hostname or ""
    if parts.port:
        place += f":{parts.port}"
    return f"{parts.scheme}://{place}{parts.path}"


def look_at_encoder(settings: Settings) -> Finding:
    """Whether the sentence encoder loads; it isn't fetched from the hub for this."""
    from pipeline.text.encoders.encoder import load_encoder  # numpy and more, which no other look needs
    from pipeline.text.encoders.folders import NotFetchedError

    if settings.encoder == "none":
        return Finding("encoder", State.OK, "none, words alone")
    try:
        encoder = within(ENCODER_PATIENCE, lambda: load_encoder(settings.encoder, download=False))
    except NotFetchedError as error:
        return Finding("encoder", State.NOTE, f"{settings.encoder}: not here yet", str(error))
    except PermanentError as error:
        return Finding("encoder", State.BAD, f"{settings.encoder} can't be used", str(error))
    except TimeoutError as error:
        return Finding(
            "encoder", State.NOTE, f"{settings.encoder}: {error}", "Look again when the machine rests."
        )
    found = f"{settings.encoder}, {encoder.name}, {encoder.dimensions} dimensions" if encoder else "none"
    return Finding("encoder", State.OK, found)


def look_at_secret(settings: Settings) -> Finding:
    """The key that signs links, without making one."""
    if settings.secret_key:
        return Finding("secret key", State.OK, "from the settings")
    path = settings.var / "secret"
    if not path.exists():
        return Finding("secret key", State.OK, "is made at first use")
    if path.stat().st_mode & 0o077:
        return Finding("secret key", State.NOTE, str(path), f"Others can read it: chmod 600 {path}")
    return Finding("secret key", State.OK, str(path))
