"""End this process at once, without losing its output."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn

# User code may replace `os._exit`; a run has to be able to end anyway.
_exit = os._exit


def exit_now(status: int) -> NoReturn:
    """Flush stdout and stderr and end the process.

    Threads are not waited for and exit handlers do not run.
    """
    try:
        flush_output()
    finally:
        _exit(status)


def flush_output() -> None:
    """Flush stdout and stderr: Python's own and those that user code has put in their place."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        # User code may have closed it, or its replacement may be no stream at all.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            if stream is not None:
                stream.flush()
