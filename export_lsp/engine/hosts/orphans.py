"""What a host that died has left behind, in whatever session it is: Linux gives it to this process.

A host ends what its runs leave; one that is killed cannot.  What comes of it is known by the host's
session, and by a mark in its environment where it has begun a session of its own.  Elsewhere nobody
can: what has left its process group stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

# linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36

MARK = "EXPORT_LSP_HOST"

# Seconds after a host's end at which to look: what a run has started is orphaned when the run has
# died of its host's death, and a process that was killed can be buried once it has ended.
LOOKS = (0.0, 0.1, 0.5, 2.0)


def adopt() -> None:
    """Become the parent of what children of this process leave behind."""
    if sys.platform != "linux":
        return
    import ctypes  # late: nothing on the way to `initialize` needs it

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


class Orphans:
    """Those of one host, which is to be started with `mark` in its environment."""

    def __init__(self) -> None:
        # A variable for the environment of the host, and so of all that it starts.
        self.mark = {MARK: uuid.uuid4().hex}
        self._ended: set[int] = set()

    def end(self, host: int) -> None:
        """End what a host that has died left behind, now and in a moment."""
        loop = asyncio.get_running_loop()
        for delay in LOOKS:
            loop.call_later(delay, self._look, host)

    def _look(self, host: int) -> None:
        for pid in _children():
            with contextlib.suppress(OSError):
                if pid != host and self._has(pid, host):
                    self._ended.add(pid)
                    os.kill(pid, signal.SIGKILL)
                    if os.waitpid(pid, os.WNOHANG)[0]:
                        self._ended.discard(pid)

    def _has(self, pid: int, host: int) -> bool:
        # The environment of a process that has ended is empty; its session is still told.
        marked = f"{MARK}={self.mark[MARK]}".encode()
        return (
            pid in self._ended
            or os.getsid(pid) == host
            or marked in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        )


def _children() -> Iterator[int]:
    """This process's children, which are told by thread; none where the system does not tell."""
    with contextlib.suppress(OSError):
        for thread in os.listdir("/proc/self/task"):
            with contextlib.suppress(OSError), open(f"/proc/self/task/{thread}/children") as file:
                yield from map(int, file.read().split())
