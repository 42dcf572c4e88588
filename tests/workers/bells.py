"""Ring in a process of its own, as the pages do: the queue's settings are read once in a process.

`python -m tests.workers.bells BELL…` prints one JSON list: whether the broker took each, and the seconds.
"""

import json
import subprocess
import sys
import time

from kader.embedded.environment import environment
from kader.settings import Settings
from workers.doorbell import TASKS, ring


def rung(settings: Settings, *bells: str) -> list[tuple[bool, float]]:
    """Ring with these settings; for each bell whether the broker took it, and the seconds that it took."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.workers.bells", *bells],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return [(taken, seconds) for taken, seconds in json.loads(run.stdout)]


def main(names: list[str]) -> None:
    found = []
    for name in names:
        bell = next(each for each in TASKS if each == name)
        started = time.monotonic()
        taken = ring(bell)
        found.append((taken, time.monotonic() - started))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
