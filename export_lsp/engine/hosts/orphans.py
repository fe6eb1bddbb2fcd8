"""Ends the processes that a killed host leaves behind, whatever session they are in (Linux only).

A host ends the processes that its runs leave behind, but one that is killed cannot.  This process
then adopts them.  It recognizes them by the host's session, and by a mark in their environment if
they have started a session of their own.  On other systems a process that has left the group of its
host is not found.
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

# From linux/prctl.h.
PR_SET_CHILD_SUBREAPER = 36

MARK = "EXPORT_LSP_HOST"

# Seconds after the end of a host at which to look for orphans.  A run dies with its host, and only
# then are its children orphans; a killed process can be reaped only after it has ended.
DELAYS = (0.0, 0.1, 0.5, 2.0)


def adopt_orphans() -> None:
    """Make this process the parent of all processes that its children leave behind."""
    if sys.platform != "linux":
        return
    import ctypes  # late: nothing on the way to `initialize` needs it

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


class Orphans:
    """The orphans of one host.

    `mark` is the variable to start the host with; all its descendants inherit it.
    """

    def __init__(self) -> None:
        self.mark = {MARK: uuid.uuid4().hex}
        self._killed: set[int] = set()

    def end(self, host: int) -> None:
        """Kill the orphans of a host that has ended, now and for a short time after."""
        loop = asyncio.get_running_loop()
        for delay in DELAYS:
            loop.call_later(delay, self._kill_all, host)

    def _kill_all(self, host: int) -> None:
        for pid in _children():
            with contextlib.suppress(OSError):
                if pid != host and self._includes(pid, host):
                    self._killed.add(pid)
                    os.kill(pid, signal.SIGKILL)
                    if os.waitpid(pid, os.WNOHANG)[0]:
                        self._killed.discard(pid)

    def _includes(self, pid: int, host: int) -> bool:
        # The environment of an ended process is empty; its session is still known.
        mark = f"{MARK}={self.mark[MARK]}".encode()
        return (
            pid in self._killed
            or os.getsid(pid) == host
            or mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        )


def _children() -> Iterator[int]:
    """The children of this process, which Linux lists by thread; none on other systems."""
    with contextlib.suppress(OSError):
        for thread in os.listdir("/proc/self/task"):
            with contextlib.suppress(OSError), open(f"/proc/self/task/{thread}/children") as file:
                yield from map(int, file.read().split())
