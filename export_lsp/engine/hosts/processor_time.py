"""The processor time of a process and of its descendants, from Linux's ``/proc``."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")

# In /proc/PID/stat after the name of the program: utime, stime, cutime and cstime (proc(5)).  The
# last two are those of children that have ended.
_TIMES = slice(11, 15)


def processor_time(pid: int) -> float | None:
    """Return the seconds of processor time that a process and its descendants have used.

    Returns:
        None if there is no such process, and on systems without ``/proc``.  A descendant whose
        parent has ended before it is not counted.
    """
    try:
        return _ticks(pid) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return None


def _ticks(pid: int) -> int:
    process = PROC / str(pid)
    _, _, fields = (process / "stat").read_bytes().rpartition(b")")
    ticks = sum(map(int, fields.split()[_TIMES]))
    for child in _children(process):
        with contextlib.suppress(OSError):  # it has ended since
            ticks += _ticks(child)
    return ticks


def _children(process: Path) -> Iterator[int]:
    """Yield the children of a process, which Linux lists by thread."""
    for thread in os.listdir(process / "task"):
        with contextlib.suppress(OSError):
            yield from map(int, (process / "task" / thread / "children").read_text().split())
