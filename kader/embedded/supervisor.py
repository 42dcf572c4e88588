"""Keep child processes running until somebody asks to stop, and leave none behind."""

import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kader.embedded.child import bound_to_this_process
from kader.embedded.restart import Deaths
from kader.embedded.signals import StopSignals
from kader.errors import PermanentError

LOGGER = logging.getLogger("kader.up")

# How often a child that isn't ready yet is looked at, and how often all are when nothing happens.
SOON = 0.05
SELDOM = 1.0

OnStarted = Callable[[threading.Event], None]


@dataclass(frozen=True, slots=True)
class ChildProgram:
    """One program to keep running.

    `is_ready` tells from its process id whether it is ready for work; `grace` is how many seconds it has
    to stop by itself; when `goes_first` the programs after it are first started once it is ready.
    """

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[int], bool]
    grace: float
    goes_first: bool = False


@dataclass(slots=True)
class _Child:
    program: ChildProgram
    process: subprocess.Popen[bytes] | None = None
    is_ready: bool = False
    started_at: float = 0.0
    start_at: float = 0.0
    deaths: Deaths = field(default_factory=Deaths)


class Supervisor:
    """Starts programs in the given order, restarts what dies, stops them in the reverse order.

    Call `run` from the main thread: signals arrive there, and the kernel ties a child to the thread
    that started it.
    """

    def __init__(self, programs: Sequence[ChildProgram], environment: Mapping[str, str]) -> None:
        self._children = [_Child(program) for program in programs]
        self._environment = dict(environment)
        self._stopping = threading.Event()
        self._failure: BaseException | None = None

    def run(self, on_started: OnStarted | None = None) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP; a second one stops at once.

        `on_started` is called once in a thread of its own when all children are ready. It gets an event
        that is set as soon as stopping begins; an exception in it stops everything and is raised here.
        Raises PermanentError when a child dies again and again without ever having been ready.
        """
        with StopSignals() as signals:
            teller: threading.Thread | None = None
            try:
                while not signals.count and self._failure is None:
                    self._collect_dead()
                    self._start_due()
                    self._see_who_is_ready()
                    if teller is None and on_started and all(child.is_ready for child in self._children):
                        teller = threading.Thread(
                            target=self._tell, args=(on_started, signals), name="on-started", daemon=True
                        )
                        teller.start()
                    signals.wait(self._time_to_wait())
            finally:
                self._stopping.set()
                self._stop_all(signals)
                if teller is not None:
                    teller.join(SELDOM)
        if self._failure is not None:
            raise self._failure

    def _tell(self, on_started: OnStarted, signals: StopSignals) -> None:
        try:
            on_started(self._stopping)
        except BaseException as error:  # noqa: BLE001  # it is raised again in the main thread
            self._failure = error
            if not self._stopping.is_set():
                signals.wake()

    def _collect_dead(self) -> None:
        for child in self._children:
            process = child.process
            if process is None or process.poll() is None:
                continue
            _kill_group(process)
            now = time.monotonic()
            child.process, child.is_ready = None, False
            child.deaths = child.deaths.another(now - child.started_at)
            child.start_at = now + child.deaths.pause
            hopeless = child.deaths.is_hopeless
            what_now = "giving up" if hopeless else f"it starts again in {child.deaths.pause:.1f} seconds"
            name, how = child.program.name, _how_it_ended(process.returncode)
            LOGGER.warning("%s ended %s (pid %d); %s", name, how, process.pid, what_now)
            if hopeless:
                self._failure = PermanentError(
                    f"{name} can't start, {child.deaths.in_a_row} tries failed: see the lines above."
                )

    def _start_due(self) -> None:
        for child in self._children:
            if child.process is None and time.monotonic() >= child.start_at:
                child.process = subprocess.Popen(
                    bound_to_this_process(child.program.command),
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    # A session of its own: Ctrl-C in the terminal reaches only the supervisor, which
                    # stops the children in the right order.
                    start_new_session=True,
                )
                child.started_at = time.monotonic()
                LOGGER.info("%s started (pid %d)", child.program.name, child.process.pid)
            if child.program.goes_first and not child.deaths.was_ready:
                return

    def _see_who_is_ready(self) -> None:
        for child in self._children:
            if child.process and not child.is_ready and child.program.is_ready(child.process.pid):
                child.is_ready = True
                child.deaths = child.deaths.ready()
                LOGGER.info("%s is ready", child.program.name)

    def _time_to_wait(self) -> float:
        return SELDOM if all(child.is_ready for child in self._children) else SOON

    def _stop_all(self, signals: StopSignals) -> None:
        heard = signals.count
        if heard:
            LOGGER.info("stopping; once more to stop at once")
        for child in reversed(self._children):
            process = child.process
            if process is None:
                continue
            if process.poll() is None:
                process.terminate()
            deadline = time.monotonic() + child.program.grace
            while process.poll() is None and time.monotonic() < deadline and signals.count <= heard:
                signals.wait(SOON)
            was_killed = process.poll() is None
            _kill_group(process)
            process.wait()
            child.process = None
            LOGGER.info("%s %s", child.program.name, "was killed" if was_killed else "stopped")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of a child and of the processes that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        LOGGER.debug("nothing is left of process group %d", process.pid)


def _how_it_ended(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
