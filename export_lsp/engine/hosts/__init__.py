"""Worker hosts as the engine sees them: one for each interpreter, with one run for each check.

Two kinds of host share the interface `WorkerHost`: where forking is safe, runs are forked from a
host process that stays; elsewhere each check uses up a standby process.
"""

from __future__ import annotations

import sys
from pathlib import Path

from export_lsp.engine.hosts.fork import ForkHost
from export_lsp.engine.hosts.host import LogLine, UnusableInterpreterError, WorkerHost
from export_lsp.engine.hosts.standby import StandbyHost

__all__ = ["LogLine", "UnusableInterpreterError", "WorkerHost", "can_fork", "open_host"]


def can_fork() -> bool:
    """Return whether a process that has imported torch can be forked safely on this system.

    Windows has no fork.  On macOS the system's own libraries (Objective-C, Accelerate) may deadlock
    or abort in a forked child.
    """
    return sys.platform not in ("win32", "darwin")


def open_host(interpreter: Path, *, standby: bool, log: LogLine) -> WorkerHost:
    """Open the host for an interpreter.  Its process starts at once, on the running event loop.

    Args:
        interpreter: The path of the interpreter.
        standby: Use standby processes even where runs can be forked.
        log: Gets the lines that the host reports about itself.
    """
    kind = StandbyHost if standby or not can_fork() else ForkHost
    return kind(interpreter, log)
