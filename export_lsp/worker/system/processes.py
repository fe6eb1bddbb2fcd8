"""Processes and their relations: groups, children, orphans, and the end of a parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Collection

# linux/prctl.h
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def start_group(pid: int) -> None:
    """Make a process (0: this one) the leader of a new process group.

    A parent and its child both call this, since either may run first after a fork.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.setpgid(pid, pid)


def kill_group(pid: int) -> None:
    """SIGKILL the process group that `pid` leads, if it exists."""
    signal_group(pid, signal.SIGKILL)


def signal_group(pid: int, number: int) -> None:
    """Send a signal to the process group that `pid` leads, if it exists."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def exit_with_group() -> None:
    """End this process at once and, where there are process groups, the group that it leads."""
    if sys.platform != "win32":
        kill_group(os.getpid())
    os._exit(1)


def die_with_parent() -> None:
    """Ask Linux to SIGKILL this process when its parent ends.

    Elsewhere nothing happens: the parent has to clean up.
    """
    if sys.platform != "linux":
        return
    parent = os.getppid()
    _control(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the parent ended before the request was made


def outlive_parent() -> None:
    """Undo `die_with_parent`, for a process that notices its parent's end and cleans up."""
    if sys.platform == "linux":
        _control(PR_SET_PDEATHSIG, 0)


def adopt_orphans() -> None:
    """Become the parent of processes that this process's descendants leave behind.

    They may be in other sessions.  Linux only: elsewhere a process that leaves its group is out of
    reach.
    """
    if sys.platform == "linux":
        _control(PR_SET_CHILD_SUBREAPER, 1)


def child_pids() -> set[int]:
    """Return this process's children, adopted ones included; none where the system has no list."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return {int(pid) for pid in file.read().split()}
    except OSError:
        return set()


def kill_children(spared: Collection[int] = ()) -> None:
    """SIGKILL all children except those in `spared`, and reap those that have ended."""
    for pid in child_pids() - set(spared):
        with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, os.WNOHANG)


def _control(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value)
