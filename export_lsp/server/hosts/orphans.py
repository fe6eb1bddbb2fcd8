"""What a host that died has left behind, in whatever session it is: Linux gives it to this process.

A host ends what its runs leave; one that is killed cannot.  Elsewhere nobody can: what has left its
process group stays.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Collection

# linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36


def adopt() -> None:
    """Become the parent of what children of this process leave behind."""
    if sys.platform != "linux":
        return
    import ctypes  # late: nothing on the way to `initialize` needs it

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def end(spared: Collection[int]) -> None:
    """End all children of this process but some."""
    for pid in _children() - set(spared):
        with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, os.WNOHANG)


def _children() -> set[int]:
    """This process's children; none where the system does not tell.

    They are told by thread: this process starts hosts in one, and adopts in the first.
    """
    found: set[int] = set()
    with contextlib.suppress(OSError):
        for thread in os.listdir("/proc/self/task"):
            with contextlib.suppress(OSError), open(f"/proc/self/task/{thread}/children") as file:
                found.update(map(int, file.read().split()))
    return found
