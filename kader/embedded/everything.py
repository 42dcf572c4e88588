"""All processes of Kader on one machine, or some of them: what `kader up` does."""

import logging
import socket
import sys
from collections.abc import Sequence

from redis.exceptions import RedisError

from kader.embedded.broker import broker_client
from kader.embedded.database import up_to_date
from kader.embedded.environment import environment
from kader.embedded.folders import only_one, prepare_folders
from kader.embedded.roles import is_ready
from kader.embedded.supervisor import ChildProgram, OnStarted, Supervisor
from kader.embedded.valkey import valkey_answers, valkey_command
from kader.errors import UserError
from kader.settings import Settings

LOGGER = logging.getLogger("kader.up")

# In the order in which they start; they stop the other way round.
ALL_ROLES = ("broker", "web", "worker", "beat")
# Seconds to stop by itself. A worker finishes its tasks; what it can't finish is taken up by another.
GRACE = {"broker": 5.0, "web": 10.0, "worker": 30.0, "beat": 5.0}


def run_everything(
    settings: Settings,
    *,
    only: Sequence[str] = (),
    migrate: bool = False,
    on_started: OnStarted | None = None,
) -> None:
    """Prepare the var folder and the database, then run Kader until somebody asks to stop.

    `only` chooses among `ALL_ROLES`; empty means all, without the broker when KADER_BROKER_URL names one.
    `on_started` is called in a thread of its own once everything is ready, with an event that is set when
    stopping begins; an exception in it stops everything and is raised here. Call from the main thread.
    Raises UserError for what somebody can mend and PermanentError when a process can't be started.
    """
    roles = _chosen(settings, only)
    prepare_folders(settings)
    with only_one(settings, roles):
        _check_broker(settings, roles)
        if "web" in roles:
            _check_port(settings)
        if roles != ("broker",):
            applied = up_to_date(settings, apply=migrate)
            LOGGER.info("database is up to date%s", f" (applied {', '.join(applied)})" if applied else "")
        programs = [_program(settings, role) for role in roles]
        Supervisor(programs, environment(settings)).run(on_started)


def _chosen(settings: Settings, only: Sequence[str]) -> tuple[str, ...]:
    if "broker" in only and not settings.embedded_broker:
        raise UserError("KADER_BROKER_URL names a broker already: leave it empty to let Kader start its own.")
    wanted = only or [role for role in ALL_ROLES if role != "broker" or settings.embedded_broker]
    return tuple(role for role in ALL_ROLES if role in wanted)


def _program(settings: Settings, role: str) -> ChildProgram:
    if role == "broker":
        return ChildProgram(
            name=role,
            command=valkey_command(settings),
            is_ready=lambda _process_id: valkey_answers(settings),
            grace=GRACE[role],
            goes_first=True,
        )
    return ChildProgram(
        name=role,
        command=(sys.executable, "-P", "-m", "kader.embedded.roles", role),
        is_ready=lambda process_id: is_ready(settings, role, process_id),
        grace=GRACE[role],
    )


def _check_broker(settings: Settings, roles: Sequence[str]) -> None:
    if "broker" in roles:
        if valkey_answers(settings):
            raise UserError(
                f"A broker that nobody looks after answers on {settings.socket}: stop that process first."
            )
        return
    try:
        with broker_client(settings, seconds=2.0) as client:
            client.ping()
    except RedisError as error:
        if settings.embedded_broker:
            raise UserError(
                "No broker is running on this var folder: "
                "start it with `kader up --only broker`, or set KADER_BROKER_URL."
            ) from error
        LOGGER.warning("the broker doesn't answer yet (%s); ideas wait until it does", type(error).__name__)


def _check_port(settings: Settings) -> None:
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        raise UserError(
            f"The pages can't listen on {settings.host} port {settings.port} ({error.strerror}): "
            "set KADER_HOST or KADER_PORT to something free."
        ) from error
