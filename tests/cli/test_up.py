"""The whole of Kader as somebody starts it: `kader up` with its real children."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from kader.embedded.environment import environment
from kader.embedded.roles import ready_file
from kader.settings import Settings
from tests.services import descendants, short_folder, wait_until

# -P, because the installed program doesn't look in the working directory either.
KADER = [sys.executable, "-P", "-c", "from kader.cli import main; main()"]


@pytest.fixture
def own_settings() -> Iterator[Settings]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with short_folder() as folder:
        yield Settings(var=folder / "var", broker_url="", database_url="", port=port, processes=1)


def kader(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*KADER, *arguments],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def kader_up(settings: Settings, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A running `kader up`, and the file with its lines."""
    lines = settings.var.parent / "lines"
    with lines.open("wb") as out:
        process = subprocess.Popen(
            [*KADER, "up", *arguments],
            env=environment(settings),
            cwd=settings.var.parent,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process, lines
    finally:
        process.kill()
        process.wait()
        wait_until(lambda: not descendants(settings.var), what="the end of all descendants")


def wait_for_line(process: subprocess.Popen[bytes], lines: Path, line: str, times: int = 1) -> None:
    wait_until(lambda: lines.read_text().count(line) >= times or process.poll() is not None, 60, line)
    assert lines.read_text().count(line) >= times, lines.read_text()


def test_it_starts_everything_mends_what_dies_and_stops_cleanly(own_settings):
    with kader_up(own_settings) as (process, lines):
        wait_for_line(process, lines, f"Kader is up: {own_settings.pages}")
        assert httpx2.get(own_settings.pages, timeout=10, follow_redirects=True).status_code == 200
        told = kader(own_settings, "doctor")
        assert told.returncode == 0, told.stdout
        second = kader(own_settings, "up")
        assert second.returncode == 2
        assert "Kader is already running" in second.stderr

        killed = int(ready_file(own_settings, "worker").read_text())
        os.kill(killed, signal.SIGKILL)
        wait_for_line(process, lines, "worker is ready", times=2)
        assert f"worker ended by SIGKILL (pid {killed})" in lines.read_text()

        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert not descendants(own_settings.var)
    told = lines.read_text()
    stopped = re.findall(r"up +INFO +(\w+) stopped", told)
    assert stopped == ["beat", "worker", "web", "broker"]
    assert "Traceback" not in told


def test_nothing_outlives_it_when_it_is_killed(own_settings):
    with kader_up(own_settings) as (process, lines):
        wait_for_line(process, lines, "Kader is up")
        # Itself, the broker, web, the worker and its one process, and beat.
        assert len(descendants(own_settings.var)) == 6
        process.kill()
        process.wait()
        wait_until(lambda: not descendants(own_settings.var), 10, "the end of all children")


def test_processes_can_run_apart_on_one_broker(own_settings, broker_url, sqlite_url):
    settings = own_settings.model_copy(update={"broker_url": broker_url, "database_url": sqlite_url})
    for name in ("models", "workers"):
        (settings.var.parent / f"{name}.py").write_text(
            "raise SystemExit('a file in the working directory was run')"
        )
    with kader_up(settings, "--only", "beat", "--only", "worker") as (process, lines):
        wait_for_line(process, lines, "beat is ready")
        wait_for_line(process, lines, "worker is ready")
        assert "web started" not in lines.read_text()
        assert "broker started" not in lines.read_text()
        process.terminate()
        assert process.wait(60) == 0


def test_a_worker_apart_without_a_broker_is_refused(own_settings):
    told = kader(own_settings, "up", "--only", "worker")
    assert told.returncode == 2
    assert "start it with `kader up --only broker`, or set KADER_BROKER_URL" in told.stderr
    assert told.stderr.count("\n") == 1


def test_a_taken_port_is_a_sentence(own_settings):
    with socket.create_server(("127.0.0.1", own_settings.port)):
        told = kader(own_settings, "up")
    assert told.returncode == 2
    assert f"can't listen on 127.0.0.1 port {own_settings.port}" in told.stderr
    assert told.stderr.count("\n") == 1


def test_another_database_is_not_migrated_unasked(own_settings, empty_postgres_url, broker_url):
    settings = own_settings.model_copy(update={"broker_url": broker_url, "database_url": empty_postgres_url})
    told = kader(settings, "up", "--only", "beat")
    assert told.returncode == 2
    assert "run `kader migrate` or `kader up --migrate`" in told.stderr


def test_a_broker_apart_from_its_own_setting_is_refused(own_settings, broker_url):
    told = kader(own_settings.model_copy(update={"broker_url": broker_url}), "up", "--only", "broker")
    assert told.returncode == 2
    assert "KADER_BROKER_URL names a broker already" in told.stderr
