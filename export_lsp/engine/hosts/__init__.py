"""Worker processes as the server sees them: one host an interpreter, one run a check."""

from __future__ import annotations

import sys
from pathlib import Path

from export_lsp.engine.hosts.fork import ForkHost
from export_lsp.engine.hosts.host import LogLine, UnusableInterpreterError, WorkerHost
from export_lsp.engine.hosts.standby import StandbyHost

__all__ = ["LogLine", "UnusableInterpreterError", "WorkerHost", "can_fork", "open_host"]


def can_fork() -> bool:
    """Whether forking a process that has imported torch is sound here.

    Windows has no fork; on macOS the system's own libraries (Objective-C, Accelerate) may
    deadlock or abort in a forked child.
    """
    return sys.platform not in ("win32", "darwin")


def open_host(interpreter: Path, *, standby: bool, log: LogLine) -> WorkerHost:
    """The host for an interpreter; its process starts at once, on the running event loop.

    `standby` asks for standby processes even where runs could be forked.
    """
    kind = StandbyHost if standby or not can_fork() else ForkHost
    return kind(interpreter, log)
