"""What a host that died has left behind, in whatever session it is: Linux gives it to this process.

A host ends what its runs leave; one that is killed cannot.  What comes of it is known by a mark in
its environment.  Elsewhere nobody can: what has left its process group stays.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

# linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36

MARK = "EXPORT_LSP_HOST"


def new_mark() -> dict[str, str]:
    """A variable for the environment of one host, and of all that it starts."""
    return {MARK: uuid.uuid4().hex}


def adopt() -> None:
    """Become the parent of what children of this process leave behind."""
    if sys.platform != "linux":
        return
    import ctypes  # late: nothing on the way to `initialize` needs it

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def end(mark: Mapping[str, str]) -> None:
    """End the children of this process that have a host's mark."""
    wanted = [f"{name}={value}".encode() for name, value in mark.items()]
    for pid in _children():
        with contextlib.suppress(OSError):
            if set(wanted) <= set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)


def _children() -> Iterator[int]:
    """This process's children, which are told by thread; none where the system does not tell."""
    with contextlib.suppress(OSError):
        for thread in os.listdir("/proc/self/task"):
            with contextlib.suppress(OSError), open(f"/proc/self/task/{thread}/children") as file:
                yield from map(int, file.read().split())
