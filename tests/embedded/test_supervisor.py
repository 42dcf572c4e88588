import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.services import descendants, wait_until

ROOT = Path(__file__).parents[2]


@contextmanager
def supervised(folder: Path, *kinds: str):
    """A running supervisor whose children are all ready; its lines are in FOLDER/lines."""
    with (folder / "lines").open("w") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.embedded.supervised", str(folder), *kinds],
            cwd=ROOT,
            stdout=lines,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: (folder / "started").exists() or process.poll() is not None, what="the start")
        yield process
    finally:
        process.kill()
        process.wait()
        wait_until(lambda: not descendants(folder), what="the end of all descendants")


def lines_of(folder: Path) -> str:
    return (folder / "lines").read_text()


def id_of(folder: Path, kind: str) -> int:
    return int((folder / f"{kind}.ready").read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_in_reverse_order_and_leaves_nothing(tmp_path, number):
    with supervised(tmp_path, "patient", "family") as process:
        assert len(descendants(tmp_path)) == 3
        process.send_signal(number)
        assert process.wait(20) == 0
        assert not descendants(tmp_path)
    assert (tmp_path / "told").exists()
    assert (tmp_path / "ends").read_text().split() == ["family", "patient"]
    assert "family stopped\npatient stopped\n" in lines_of(tmp_path)


def test_a_killed_child_is_started_again(tmp_path):
    with supervised(tmp_path, "patient", "family") as process:
        first = id_of(tmp_path, "family")
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: id_of(tmp_path, "family") != first, what="a new child")
        wait_until(lambda: lines_of(tmp_path).count("family is ready") == 2, what="a ready child")
        assert f"family ended by SIGKILL (pid {first}); it starts again in 0.5 seconds" in lines_of(tmp_path)
        # The child of the killed one went with it.
        assert len(descendants(tmp_path)) == 3
        process.terminate()
        assert process.wait(20) == 0


def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path):
    with supervised(tmp_path, "patient", "stubborn") as process:
        assert len(descendants(tmp_path)) == 2
        process.kill()
        process.wait()
        wait_until(lambda: not descendants(tmp_path), 10, "the end of the children")


def test_a_second_signal_does_not_wait_for_a_stubborn_child(tmp_path):
    with supervised(tmp_path, "patient", "stubborn") as process:
        process.send_signal(signal.SIGINT)
        wait_until(lambda: "once more to stop at once" in lines_of(tmp_path), what="the first signal")
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert not descendants(tmp_path)
    assert "stubborn was killed" in lines_of(tmp_path)


def test_what_never_starts_is_given_up_with_a_sentence(tmp_path):
    with supervised(tmp_path, "patient", "broken") as process:
        assert process.wait(30) == 1
        assert not descendants(tmp_path)
    assert "broken ended with exit code 7" in lines_of(tmp_path)
    assert "broken can't start, 4 tries failed: see the lines above." in lines_of(tmp_path)
    assert "patient stopped" in lines_of(tmp_path)


def test_an_error_after_the_start_stops_everything_and_is_told(tmp_path):
    with supervised(tmp_path, "patient", "alarm") as process:
        assert process.wait(20) == 1
        assert not descendants(tmp_path)
    assert lines_of(tmp_path).endswith("patient stopped\nthe alarm went\n")
