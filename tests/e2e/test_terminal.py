"""The demo as somebody sees it on a terminal, and stops it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from pathlib import Path

from kader.cli.demo import show
from tests.e2e.play import KADER, free_port

LONGEST = 90.0


def read_until(terminal: int, seen: bytearray, pattern: bytes | None) -> bool:
    """Collect what the program writes until the pattern was written, or without one until it ends."""
    deadline = time.monotonic() + LONGEST
    while pattern is None or not re.search(pattern, seen):
        if time.monotonic() > deadline:
            return False
        if not select.select([terminal], [], [], 0.5)[0]:
            continue
        try:
            piece = os.read(terminal, 65_536)
        except OSError:  # Linux says so when the other end is closed
            piece = b""
        if not piece:
            return pattern is None
        seen += piece
    return True


def test_nothing_runs_through_the_live_table_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 110, 0, 0))
    chosen = {"KADER_VAR": str(tmp_path / "var"), "KADER_PORT": str(free_port()), "TERM": "xterm"}
    with subprocess.Popen(
        [*KADER, "demo", "--pause", "0.2"],
        env={**os.environ, **chosen},
        cwd=tmp_path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as program:
        os.close(theirs)
        seen = bytearray()
        assert read_until(ours, seen, rb"\b\d\d of 300 ideas"), seen[-2000:]
        program.send_signal(2)
        assert read_until(ours, seen, None), seen[-2000:]
        assert program.wait(LONGEST) == 0
    os.close(ours)
    assert b"INFO" not in seen
    assert b"Where to look" not in seen


def test_more_ideas_than_the_demo_brings_are_told_as_they_are() -> None:
    assert show.came_in(7, 300) == "7 of 300 ideas"
    assert show.came_in(311, 300) == "311 ideas"
