"""Ends the processes that worker processes leave behind, whatever session they are in (Linux only).

A host ends the processes that its runs leave behind, but one that is killed cannot, and a standby
process is no host.  This process then adopts them.  In a process of ours (`own_children`) every
child is either a worker process or adopted.  In another program's, an orphan is recognized by the
session of its worker process, or by a mark in its environment.  On other systems a process that has
left the group of its host is not found.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

# From linux/prctl.h.
PR_SET_CHILD_SUBREAPER = 36

MARK = "EXPORT_LSP_HOST"

# Seconds after the end of a worker process at which to look for orphans.  A run dies with its host,
# and only then are its children orphans; a killed process can be reaped only after it has ended.
DELAYS = (0.0, 0.1, 0.5, 2.0)

# Seconds that the orphans may take to end when this process closes a worker process.
CLOSE_SECONDS = 1.0
_PAUSE = 0.01


class _Family:
    """The children of this process that are no orphans.

    `others` were there before this program, None if any other code may start processes as well.
    `workers` are the worker processes, `starting` counts those whose numbers are not known yet.
    """

    def __init__(self) -> None:
        self.others: frozenset[int] | None = None
        self.workers: set[int] = set()
        self.starting = 0


_family = _Family()


def own_children() -> None:
    """Declare that this program starts no child process but worker processes."""
    _family.others = frozenset(_children())


def adopt_orphans() -> None:
    """Make this process the parent of all processes that its children leave behind."""
    if sys.platform != "linux":
        return
    import ctypes  # late: nothing on the way to `initialize` needs it

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


class Orphans:
    """The orphans of one worker process.

    `mark` is the variable to start it with; all its descendants inherit it.
    """

    def __init__(self) -> None:
        self.mark = {MARK: uuid.uuid4().hex}
        self._killed: set[int] = set()

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        """Context manager for the start of the worker process, until `started`."""
        _family.starting += 1
        try:
            yield
        finally:
            _family.starting -= 1

    def started(self, worker: int) -> None:
        """Note the number of the worker process."""
        _family.workers.add(worker)

    def end(self, worker: int) -> None:
        """Kill the orphans after a worker process has ended, now and for a short time after."""
        loop = asyncio.get_running_loop()
        for delay in DELAYS:
            loop.call_later(delay, self._kill_all, worker)
        loop.call_later(DELAYS[-1], _family.workers.discard, worker)

    async def ended(self, worker: int) -> None:
        """Kill the orphans of a worker process that is closed, and wait until they are gone."""
        deadline = time.monotonic() + CLOSE_SECONDS
        while self._kill_all(worker) and time.monotonic() < deadline:
            await asyncio.sleep(_PAUSE)  # no event reports the end of an adopted process

    def _kill_all(self, worker: int) -> bool:
        """Kill the orphans that there are now; return whether there was any."""
        found = False
        for pid in _children():
            with contextlib.suppress(OSError):
                if pid not in _family.workers and self._includes(pid, worker):
                    found = True
                    self._killed.add(pid)
                    os.kill(pid, signal.SIGKILL)
                    if os.waitpid(pid, os.WNOHANG)[0]:
                        self._killed.discard(pid)
        return found

    def _includes(self, pid: int, worker: int) -> bool:
        if pid == worker:
            return False  # it has ended, and is waited for elsewhere
        if _family.others is not None:
            return pid not in _family.others and not _family.starting
        # The environment of an ended process is empty; its session is still known.
        mark = f"{MARK}={self.mark[MARK]}".encode()
        return (
            pid in self._killed
            or os.getsid(pid) == worker
            or mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        )


def _children() -> Iterator[int]:
    """The children of this process, which Linux lists by thread; none on other systems."""
    with contextlib.suppress(OSError):
        for thread in os.listdir("/proc/self/task"):
            with contextlib.suppress(OSError), open(f"/proc/self/task/{thread}/children") as file:
                yield from map(int, file.read().split())
