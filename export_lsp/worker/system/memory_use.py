"""How much memory this process uses."""

from __future__ import annotations

import os
import sys

if sys.platform != "win32":
    import resource


def mapped_memory() -> int:
    """Return the size of this process's address space in bytes.

    Raises:
        OSError: the system has no ``/proc``.
    """
    pages, *_ = _pages()
    return pages * os.sysconf("SC_PAGE_SIZE")


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
    """The fields of ``/proc/self/statm``: size, resident, shared, and more."""
    with open("/proc/self/statm") as file:
        return [int(field) for field in file.read().split()]
