"""What doorbells cost when thousands of ideas come in at once: each idea rings as a door does, before a worker begins.

    python -m benchmarks.flood --ideas 2000

Processor time of a worker until all ideas are settled and everybody was told, the doorbells that wait at that moment,
and the time that goes to those.
"""

import argparse
import subprocess
import sys
import time
from dataclasses import dataclass

from sqlalchemy import func, select

import celeryconfig
from benchmarks.load import open_organisation, put_received, real_texts
from benchmarks.throughput import LONGEST, cpu_seconds, settled, store_url, surroundings, worker_of
from kader.embedded.broker import broker_client
from kader.embedded.environment import environment
from kader.settings import Settings
from models import OutboxMessage
from models.session import Database
from models.words import MessageStatus

RING = (
    "import sys; from workers.doorbell import ring\n"
    "for _ in range(int(sys.argv[1])): ring('triage'); ring('mail')\n"
)
# Seconds without any work, and a worker is at rest.
REST = 1.0


@dataclass(frozen=True, slots=True)
class Flood:
    """Seconds of processor time, and doorbells."""

    rung: int
    until_told: float
    left: int
    for_those_left: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ideas", type=int, default=2_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--stores", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite"])
    arguments = parser.parse_args()
    texts = real_texts(arguments.ideas)
    for store in arguments.stores:
        found = measure(store, texts, arguments.processes)
        print(
            f"{store}: {found.rung} doorbells waited for {len(texts)} ideas; {found.until_told:.1f} s until all was "
            f"settled and told; {found.left} doorbells were left, which took {found.for_those_left:.1f} s"
        )


def measure(store: str, texts: list[str], processes: int) -> Flood:
    with store_url(store) as url, surroundings(url, processes) as settings:
        database = open_organisation(settings)
        put_received(database, texts)
        subprocess.run([sys.executable, "-c", RING, str(len(texts))], env=environment(settings), check=True)
        rung = waiting(settings)
        with worker_of(["kader.embedded.roles", "worker"], settings) as process:
            deadline = time.monotonic() + LONGEST
            while settled(database) < len(texts) or unsent(database):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the worker didn't get it done")
                time.sleep(0.05)
            told, left = cpu_seconds(process.pid), waiting(settings)
            rest = told
            while waiting(settings) or cpu_seconds(process.pid) > rest:
                rest = cpu_seconds(process.pid)
                time.sleep(REST)
        database.dispose()
        return Flood(rung, told, left, rest - told)


def waiting(settings: Settings) -> int:
    """How many doorbells wait."""
    with broker_client(settings, seconds=5.0) as client:
        return sum(int(client.llen(queue.name)) for queue in celeryconfig.task_queues)  # type: ignore[arg-type]  # redis types this for async too


def unsent(database: Database) -> int:
    """How many messages are on their way."""
    with database.reading() as session:
        return (
            session.scalar(
                select(func.count()).where(
                    OutboxMessage.status.in_([MessageStatus.PENDING, MessageStatus.SENDING])
                )
            )
            or 0
        )


if __name__ == "__main__":
    main()
