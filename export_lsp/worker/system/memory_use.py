"""The memory that this process uses."""

from __future__ import annotations

import os
import sys

if sys.platform != "win32":
    import resource


def data_memory() -> int:
    """Return the bytes that RLIMIT_DATA counts: mapped for this process alone to write to.

    The stack is included, which the limit does not count.

    Raises:
        OSError: the system has no ``/proc``.
    """
    *_, data, _ = _pages()
    return data * os.sysconf("SC_PAGE_SIZE")


def private_memory() -> int:
    """Return the resident memory without that of files, in bytes; 0 where it is not known."""
    try:
        _, resident, shared, *_ = _pages()
    except OSError:
        return 0
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


def peak_memory() -> int:
    """Return the largest resident size this process has had, in bytes; 0 where it is not known."""
    if sys.platform == "win32":
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _pages() -> list[int]:
    """The fields of ``/proc/self/statm``: size, resident, shared, text, lib, data, dt (proc(5))."""
    with open("/proc/self/statm") as file:
        return [int(field) for field in file.read().split()]
