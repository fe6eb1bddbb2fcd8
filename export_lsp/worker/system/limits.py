"""What the operating system enforces on a run: its process group, its memory, its end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Collection

# linux/prctl.h
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def own_group(pid: int) -> None:
    """Make `pid` (0: this process) lead a process group of its own.

    Parent and child both call it, since neither knows who comes first.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.setpgid(pid, pid)


def kill_group(pid: int) -> None:
    """SIGKILL the process group that `pid` leads."""
    signal_group(pid, signal.SIGKILL)


def signal_group(pid: int, number: int) -> None:
    """Send a signal to the process group that `pid` leads."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def end_group() -> None:
    """End this process at once and, where there are process groups, the group that it leads."""
    if sys.platform != "win32":
        kill_group(os.getpid())
    os._exit(1)


def die_with_parent() -> None:
    """Ask Linux for SIGKILL when the parent ends; elsewhere the parent's own clean-up must do."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    _request_at_parents_end(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # the parent ended before the request was made


def outlive_parent() -> None:
    """Take back `die_with_parent`: for one who sees the parent's end and cleans up after it."""
    if sys.platform == "linux":
        _request_at_parents_end(0)


def _request_at_parents_end(number: int) -> None:
    _control(PR_SET_PDEATHSIG, number)


def adopt_orphans() -> None:
    """Become the parent of what this process's children leave behind, in whatever session.

    Linux only: elsewhere a process that leaves its group is out of reach.
    """
    if sys.platform == "linux":
        _control(PR_SET_CHILD_SUBREAPER, 1)


def children() -> set[int]:
    """This process's children, adopted ones included; none where the system does not tell."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return {int(pid) for pid in file.read().split()}
    except OSError:
        return set()


def end_children(spared: Collection[int] = ()) -> None:
    """SIGKILL all children but some, and forget those that have ended."""
    for pid in children() - set(spared):
        with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, os.WNOHANG)


def _control(option: int, value: int) -> None:
    import ctypes

    ctypes.CDLL(None).prctl(option, value)


def limit_memory(limit: int | None) -> None:
    """Let allocations beyond `limit` bytes above what is mapped now fail with MemoryError.

    Linux only: macOS does not enforce RLIMIT_AS (seen on macOS 14), Windows has none.
    """
    if limit is None or sys.platform != "linux":
        return
    import resource

    allowed = _mapped() + limit
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        allowed = min(allowed, hard)
    resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))


def limit_cpu(limit: int | None) -> None:
    """Let the system end this process after `limit` more seconds of processor time.

    It is for where nobody is left that could: a check's own time is the server's to keep.
    """
    if limit is None or sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime) + limit
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard != resource.RLIM_INFINITY:
        allowed = min(allowed, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))


def forbid_core_dumps() -> None:
    """Let a crash leave no file of the size of torch in the user's folder."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _mapped() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def own_memory() -> int:
    """The bytes of resident memory that no file stands behind; 0 where it is not told."""
    try:
        with open("/proc/self/statm") as file:
            _, resident, shared, *_ = map(int, file.read().split())
    except OSError:
        return 0
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


def peak_memory() -> int:
    """The largest resident size this process had, in bytes; 0 where it is not told."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
