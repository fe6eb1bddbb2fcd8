"""Limits that the operating system enforces on a run: memory, processor time, core dumps."""

from __future__ import annotations

import sys

from export_lsp.worker.system.memory_use import data_memory

if sys.platform != "win32":
    import resource


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
        _set_limit(resource.RLIMIT_DATA, highest)


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


def forbid_core_dumps() -> None:
    """Keep a crash from writing a file of torch's size into the user's folder."""
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _set_limit(kind: int, limit: int) -> None:
    """Set a soft limit, no higher than the hard one."""
    if sys.platform == "win32":
        return
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(kind, (limit, hard))
