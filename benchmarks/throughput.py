"""Ideas per second from received to routed, beside an empty Celery task on the same broker in the same run.

Run it with `make bench`, or `python -m benchmarks.throughput --ideas 20000 --rounds 3`. Nothing else should run
on the machine. A round measures the empty task, then each store, so that a machine that drifts drifts for all.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from redis import Redis
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from benchmarks.load import open_organisation, put_received, real_texts
from kader.embedded.child import bound_to_this_process
from kader.embedded.environment import environment
from kader.embedded.folders import prepare_folders
from kader.embedded.valkey import EmbeddedValkey
from kader.settings import Settings
from models import Idea, OutboxMessage
from models.session import Database

# The first part is start-up: processes, model, caches. It is left out of all rates alike.
WARM = 0.05
LONGEST = 900.0
RESULTS = Path("benchmarks/results")


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: `rate` per second of wall time, `cpu_ms` milliseconds of processor time for each."""

    what: str
    number: int
    seconds: float
    rate: float
    cpu_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ideas", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--stores", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"]
    )
    arguments = parser.parse_args()
    texts = real_texts(arguments.ideas)
    runs: list[dict[str, Measured]] = []
    for number in range(1, arguments.rounds + 1):
        measured = {"empty task": measure_empty(arguments.ideas, arguments.processes)}
        for store in arguments.stores:
            measured[store] = measure_store(store, texts, arguments.processes)
        runs.append(measured)
        print(f"round {number}: " + ", ".join(f"{name} {run.rate:,.0f}/s" for name, run in measured.items()))
    report(runs, arguments)


def measure_empty(number: int, processes: int) -> Measured:
    """The rate at which a worker takes empty tasks from a full queue."""
    with surroundings("", processes) as settings:
        publish_empty(settings, number)
        with (
            Redis(unix_socket_path=str(settings.socket)) as client,
            worker_of(["benchmarks.empty_worker", str(processes)], settings) as process,
        ):
            return _timed("empty task", number, process, lambda: number - int(client.llen("triage")))  # type: ignore[arg-type]  # redis types this for async too


def measure_store(store: str, texts: list[str], processes: int) -> Measured:
    """The rate from received to routed on one store."""
    with store_url(store) as url, surroundings(url, processes) as settings:
        database = open_organisation(settings)
        put_received(database, texts)
        with worker_of(["kader.embedded.roles", "worker"], settings) as process:
            for _ in range(processes):
                _ring(settings)
            measured = _timed(store, len(texts), process, lambda: settled(database))
        verify(database, len(texts))
        database.dispose()
        return measured


def settled(database: Database, *, after: int = 0) -> int:
    """How many ideas with an id above `after` are settled."""
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Idea.id > after, Idea.status != "received")) or 0


def verify(database: Database, number: int, *, after: int = 0) -> None:
    """A fast run that leaves out a message is worth nothing: of `number` ideas with an id above `after`."""
    with database.reading() as session:
        told = session.scalar(
            select(func.count(func.distinct(OutboxMessage.idea_id))).where(
                OutboxMessage.idea_id > after, OutboxMessage.kind != "twin_joined"
            )
        )
    if told != number:
        raise RuntimeError(f"only {told} of {number} ideas have their messages")


@contextlib.contextmanager
def surroundings(database_url: str, processes: int) -> Iterator[Settings]:
    """A fresh var folder with a broker of its own."""
    folder = Path(tempfile.mkdtemp(prefix="kader-bench-"))
    settings = Settings(
        _env_file=None,
        var=folder,
        database_url=database_url,
        processes=processes,
        log_level="WARNING",
        auto_without_labels=0.3,
        lease_seconds=300,
    )
    prepare_folders(settings)
    broker = EmbeddedValkey(settings)
    broker.start()
    try:
        yield settings
    finally:
        broker.stop()
        shutil.rmtree(folder)


def publish_empty(settings: Settings, number: int) -> None:
    """Fill the queue from a process of its own, since the application reads its settings when it is imported."""
    program = (
        "import sys; from benchmarks.empty_worker import app\n"
        "with app.producer_pool.acquire() as producer:\n"
        "    for _ in range(int(sys.argv[1])): app.send_task('kader.empty', queue='triage', producer=producer)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(number)], env=environment(settings), check=True)


def _ring(settings: Settings) -> None:
    program = "from workers.doorbell import ring; raise SystemExit(0 if ring('triage') else 1)"
    subprocess.run([sys.executable, "-c", program], env=environment(settings), check=True)


@contextlib.contextmanager
def worker_of(arguments: list[str], settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        bound_to_this_process([sys.executable, "-m", *arguments]),
        env=environment(settings),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _timed(what: str, number: int, process: subprocess.Popen[bytes], done: Callable[[], int]) -> Measured:
    first, started, used = 0, 0.0, 0.0
    deadline = time.monotonic() + LONGEST
    while (count := done()) < number:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{what}: only {count} of {number} done")
        if not first and count >= WARM * number:
            first, started, used = count, time.monotonic(), cpu_seconds(process.pid)
        time.sleep(0.02)
    seconds = time.monotonic() - started
    cpu = cpu_seconds(process.pid) - used
    counted = number - first
    return Measured(
        what, counted, round(seconds, 3), round(counted / seconds, 1), round(1000 * cpu / counted, 4)
    )


def cpu_seconds(group: int) -> float:
    """Processor time, user and system, of all living processes of a group (proc(5), fields 5, 14 and 15)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def store_url(store: str) -> Iterator[str]:
    if store == "sqlite":
        yield ""
        return
    given = os.environ.get("KADER_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set", category=UserWarning)
        import pgserver
    folder = Path(tempfile.mkdtemp(prefix="kader-pg-"))
    server = pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def report(runs: list[dict[str, Measured]], arguments: argparse.Namespace) -> None:
    """Write the JSON and print the table; the ratio compares the two within each round."""
    names = list(runs[0])
    table = Table(
        title=f"{arguments.ideas:,} ideas, {arguments.processes} worker processes, {len(runs)} rounds"
    )
    for heading in ("", "a second (median)", "min–max", "ratio to empty task", "CPU ms each", "CPU ratio"):
        table.add_column(heading, justify="right" if heading else "left")
    summary = {}
    for name in names:
        rates = [run[name].rate for run in runs]
        cpu = [run[name].cpu_ms for run in runs]
        ratios = [run[name].rate / run["empty task"].rate for run in runs]
        cpu_ratios = [run["empty task"].cpu_ms / run[name].cpu_ms for run in runs]
        summary[name] = {
            "rate_median": statistics.median(rates),
            "ratio_median": round(statistics.median(ratios), 3),
            "ratios": [round(each, 3) for each in ratios],
            "cpu_ms_median": statistics.median(cpu),
            "cpu_ratio_median": round(statistics.median(cpu_ratios), 3),
        }
        table.add_row(
            name,
            f"{statistics.median(rates):,.0f}",
            f"{min(rates):,.0f}–{max(rates):,.0f}",
            f"{statistics.median(ratios):.2f}",
            f"{statistics.median(cpu):.3f}",
            f"{statistics.median(cpu_ratios):.2f}",
        )
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / "throughput.json"
    content = {
        "command": " ".join(["python", "-m", "benchmarks.throughput", *sys.argv[1:]]),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"python": platform.python_version(), "processors": os.cpu_count()},
        "summary": summary,
        "rounds": [{name: asdict(run) for name, run in measured.items()} for measured in runs],
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    Console().print(table)
    print(f"Written to {path}")


if __name__ == "__main__":
    main()
