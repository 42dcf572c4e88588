"""A supervisor over small programs, run as a program of its own by the tests: FOLDER PROGRAM…

A program is `patient` (stops on SIGTERM), `stubborn` (ignores it), `family` (has a child that ignores it)
or `broken` (ends at once). With `alarm` the call after the start raises an error. Each writes its process ids into FOLDER and appends how it ended to `ends`.
"""

import logging
import sys
import threading
from pathlib import Path

from kader.embedded.environment import environment
from kader.embedded.supervisor import ChildProgram, Supervisor
from kader.errors import PermanentError
from kader.settings import Settings

BODY = """
import os, pathlib, signal, subprocess, sys
kind, folder = sys.argv[1], pathlib.Path(sys.argv[2])
if kind == "broken":
    raise SystemExit(7)
if kind == "family":
    subprocess.Popen([sys.executable, "-c", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"])
def stop(*_):
    with (folder / "ends").open("a") as ends:
        ends.write(kind + "\\n")
    raise SystemExit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if kind == "stubborn" else stop)
(folder / f"{kind}.part").write_text(str(os.getpid()))
(folder / f"{kind}.part").replace(folder / f"{kind}.ready")
while True:
    signal.pause()
"""


def program(folder: Path, kind: str) -> ChildProgram:
    ready = folder / f"{kind}.ready"
    return ChildProgram(
        name=kind,
        command=(sys.executable, "-c", BODY, kind, str(folder)),
        is_ready=lambda process_id: ready.exists() and ready.read_text() == str(process_id),
        grace=60.0 if kind == "stubborn" else 10.0,
        goes_first=kind == "patient",
    )


def main(folder: Path, kinds: list[str]) -> None:
    logging.basicConfig(level="INFO", format="%(message)s")
    supervisor = Supervisor(
        [program(folder, kind) for kind in kinds if kind != "alarm"],
        environment(Settings(var=folder, broker_url="")),
    )

    def started(stopping: threading.Event) -> None:
        (folder / "started").touch()
        if "alarm" in kinds:
            raise PermanentError("the alarm went")
        stopping.wait()
        (folder / "told").touch()

    try:
        supervisor.run(started)
    except PermanentError as error:
        print(error)  # noqa: T201  # the test reads it
        raise SystemExit(1) from error


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
