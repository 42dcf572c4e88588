"""What there is to see when work stands still: what waits, who lives, where each process is, and the ends of the logs."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from redis.exceptions import RedisError
from sqlalchemy import func, select, text

import celeryconfig
from kader.embedded.broker import socket_client
from kader.settings import Settings
from models import Idea, OutboxMessage
from models.session import Database
from tests.services import descendants, wait_until

LAST_LINES = 60


def standstill(database: Database, settings: Settings) -> str:
    """Many lines, for whoever reads a failed run; the ideas in it are invented."""
    return "\n".join([*_waiting(database), *_queues(settings), *_processes(settings), *_logs(settings)])


def _waiting(database: Database) -> Iterator[str]:
    with database.reading() as session:
        ideas = select(Idea.status, func.count(), func.min(Idea.claim_expires_at)).group_by(Idea.status)
        mails = select(
            OutboxMessage.status,
            func.count(),
            func.min(OutboxMessage.not_before),
            func.max(OutboxMessage.attempts),
        ).group_by(OutboxMessage.status)
        yield from (f"ideas: {tuple(row)}" for row in session.execute(ideas))
        yield from (f"mails: {tuple(row)}" for row in session.execute(mails))
        if session.get_bind().dialect.name == "postgresql":
            activity = (
                "SELECT pid, state, wait_event, xact_start, left(query, 120) FROM pg_stat_activity"
                " WHERE datname = current_database()"
            )
            yield from (f"session: {tuple(row)}" for row in session.execute(text(activity)))


def _queues(settings: Settings) -> Iterator[str]:
    try:
        with socket_client(settings.socket, seconds=5.0) as client:
            yield from (f"queue {each.name}: {client.llen(each.name)}" for each in celeryconfig.task_queues)
    except RedisError as error:
        yield f"broker: {error}"


def _processes(settings: Settings) -> Iterator[str]:
    for process_id in sorted(descendants(settings.var)):
        process = Path("/proc") / str(process_id)
        yield f"process {process_id}: {(process / 'cmdline').read_bytes().replace(bytes(1), b' ').decode()[-90:]}"
        if b"kader.embedded.roles" in (process / "cmdline").read_bytes():
            before = _written(settings)
            os.kill(process_id, signal.SIGUSR2)  # writes where it is to its log
            try:
                wait_until(lambda: _written(settings) > before, timeout=2)  # noqa: B023  # asked before the next
            except AssertionError:
                yield f"process {process_id} doesn't say where it is"


def _written(settings: Settings) -> int:
    """Bytes in all logs."""
    return sum(log.stat().st_size for log in (settings.var / "log").glob("*.log"))


def _logs(settings: Settings) -> Iterator[str]:
    for log in sorted((settings.var / "log").glob("*.log")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        yield from (f"{log.name}: {line[:200]}" for line in lines[-LAST_LINES:])
