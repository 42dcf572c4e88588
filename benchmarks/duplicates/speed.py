"""Processor time and memory of `kader duplicates` on generated files.

python -m benchmarks.duplicates.speed 1000 10000 100000 [--encoder none]
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.duplicates.generate import write

_RUN = "import sys; from kader.cli import main; sys.argv[0] = 'kader'; main()"


def measure(count: int, encoder: str) -> dict[str, object]:
    """One run in a process of its own: seconds of processor time, and the largest resident memory in MB."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "ideas.csv", count)
        paths = ["--ideas", str(folder / "ideas.csv"), "--out", str(folder / "pairs.csv")]
        clusters = ["--clusters", str(folder / "clusters.csv")]
        command = [sys.executable, "-c", _RUN, "duplicates", *paths, *clusters, "--encoder", encoder]
        started = os.posix_spawn(sys.executable, command, os.environ)
        _, status, used = os.wait4(started, 0)
        if status:
            raise SystemExit(f"kader duplicates ended with {os.waitstatus_to_exitcode(status)}.")
    return {
        "ideas": count,
        "encoder": encoder,
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "megabytes": round(used.ru_maxrss / 1024),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates.speed", description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[1_000, 10_000])
    parser.add_argument("--encoder", default="none")
    arguments = parser.parse_args()
    for count in arguments.counts:
        print(json.dumps(measure(count, arguments.encoder)), flush=True)


if __name__ == "__main__":
    main()
