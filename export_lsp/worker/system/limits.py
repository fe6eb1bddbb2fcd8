"""Limits that the operating system enforces on a run, and on all that it starts.

They cover memory, the size of files, the number of processes, processor time and core dumps.
"""

from __future__ import annotations

import sys

from export_lsp.worker.system.memory_use import data_memory

if sys.platform != "win32":
    import resource


# In bytes: more than any checkpoint that a check needs, and less than most disks.
FILE_SIZE = 1 << 34
# The processes and threads that a run may start, beyond all that the system has when it begins.
MORE_TASKS = 4096


def limit_memory(limit: int | None) -> None:
    """Make allocations fail with MemoryError beyond `limit` bytes more than are in use now.

    RLIMIT_DATA counts memory that the process alone may write to.  RLIMIT_AS would count the whole
    address space, where CUDA reserves more than the machine has memory, and all mapped files.
    Memory that is shared with other processes is not limited.

    Linux only: macOS enforces no such limit (seen on macOS 14) and Windows has none.
    """
    if limit is not None and sys.platform == "linux":
        highest = data_memory() + limit
        soft, _ = resource.getrlimit(resource.RLIMIT_DATA)
        if soft != resource.RLIM_INFINITY:
            highest = min(highest, soft)  # a fork of a run may get a lower limit, not a higher one
        _set_for_good(resource.RLIMIT_DATA, highest)


def is_memory_limited() -> bool:
    """Return whether memory is limited: by `limit_memory`, or by whoever started the server."""
    if sys.platform != "linux":
        return False
    return resource.getrlimit(resource.RLIMIT_DATA)[0] != resource.RLIM_INFINITY


def limit_cpu(limit: int | None) -> None:
    """Have the system end this process after `limit` more seconds of processor time.

    It is for runs whose server and host are gone; otherwise the server ends a check that takes too
    long.
    """
    if limit is None or sys.platform == "win32":
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _set_limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + limit)


def limit_files() -> None:
    """Make writing to a file fail with OSError beyond `FILE_SIZE`."""
    if sys.platform != "win32":
        _set_for_good(resource.RLIMIT_FSIZE, FILE_SIZE)


def limit_processes() -> None:
    """Make this process and its descendants unable to fork without end.

    The system counts all processes and threads of the user, those of other programs included, so
    the limit lies above the number that it has now.  It does not apply to root.
    """
    if sys.platform != "linux":
        return
    try:
        with open("/proc/loadavg") as file:
            tasks = int(file.read().split()[3].partition("/")[2])
    except (OSError, ValueError, IndexError):
        return
    _set_for_good(resource.RLIMIT_NPROC, tasks + MORE_TASKS)


def forbid_core_dumps() -> None:
    """Keep a crash from writing a file of torch's size into the user's folder."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _set_for_good(kind: int, limit: int) -> None:
    """Set the soft and the hard limit, so that user code cannot raise it; never raise one."""
    if sys.platform == "win32":
        return
    lowest = [limit, *(each for each in resource.getrlimit(kind) if each >= 0)]
    resource.setrlimit(kind, (min(lowest), min(lowest)))


def _set_limit(kind: int, limit: int) -> None:
    """Set a soft limit, no higher than the hard one."""
    if sys.platform == "win32":
        return
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(kind, (limit, hard))
