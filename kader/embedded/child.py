"""Become a child that can't outlive its parent.

`python -m kader.embedded.child PARENT COMMAND…` asks the kernel to kill this process when its parent
dies, however that happens, and then lets the command take its place under the same process id. A
`preexec_fn` could do the same, but is unsafe as soon as the parent has threads.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def bind_to_parent(parent: int) -> None:
    """Tie this process to the life of `parent`, the process id that started it.

    Only Linux can do so; elsewhere a supervisor that is killed outright leaves its children behind.
    Raises OSError when the kernel refuses, SystemExit when the parent has gone already.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    # It may have died before the kernel was asked.
    if os.getppid() != parent:
        raise SystemExit(1)


def bound_to_this_process(command: Sequence[str]) -> list[str]:
    """The command that runs `command` as a child that can't outlive this process.

    Start it from a thread that lasts: the kernel takes the end of that thread for the end of the parent.
    """
    # -P: a folder or file in the working directory must not take the place of a package.
    return [sys.executable, "-P", "-m", "kader.embedded.child", str(os.getpid()), *command]


def main(arguments: list[str]) -> None:
    parent, *command = arguments
    bind_to_parent(int(parent))
    os.execvp(command[0], command)  # noqa: S606  # a fixed list from the supervisor, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
