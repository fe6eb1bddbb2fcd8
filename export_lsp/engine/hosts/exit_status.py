"""Reads the exit status of a process: negative for a signal (POSIX)."""

from __future__ import annotations

import signal

# By number: the signal module of Windows does not have the name.
SIGKILL = 9

# The status of a run that was killed because it reported too much; no system has it.
FLOODED = 1 << 40

# Exit codes from here on are Windows' codes of crashes: 0xC0000005 is an access violation.
NTSTATUS_ERROR = 0xC0000000


def is_crash(status: int) -> bool:
    """Return whether the system ended the process."""
    return status < 0 or status >= NTSTATUS_ERROR


def crash_name(status: int) -> str:
    """Return the name of the signal, or the Windows code, of the exit status of a crash."""
    if status > 0:
        return f"0x{status:08X}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
