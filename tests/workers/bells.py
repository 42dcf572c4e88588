"""Ring in a process of its own, as the pages do: the queue's settings are read once in a process.

`python -m tests.workers.bells` reads a bell a line, and answers with a JSON list: whether the broker took it, and the
seconds.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kader.embedded.environment import environment
from kader.settings import Settings
from workers.doorbell import TASKS, ring

Ring = Callable[[str], tuple[bool, float]]


@contextmanager
def ringing(settings: Settings) -> Iterator[Ring]:
    """A process that rings with these settings: for each bell whether the broker took it, and the seconds that it took."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.workers.bells"],
        env=environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def ask(bell: str) -> tuple[bool, float]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{bell}\n")
            process.stdin.flush()
            taken, seconds = json.loads(process.stdout.readline())
            return taken, seconds

        yield ask
    assert process.returncode == 0


def rung(settings: Settings, *bells: str) -> list[tuple[bool, float]]:
    """Ring one after the other in one process."""
    with ringing(settings) as ask:
        return [ask(bell) for bell in bells]


def main() -> None:
    for line in sys.stdin:
        bell = next(each for each in TASKS if each == line.strip())
        started = time.monotonic()
        taken = ring(bell)
        sys.stdout.write(f"{json.dumps((taken, time.monotonic() - started))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
