"""What the exit status of a process says of how it ended: negative for a signal (POSIX)."""

from __future__ import annotations

import signal

# Exit codes from here on are Windows' names of crashes: 0xC0000005 is an access violation.
NTSTATUS_ERROR = 0xC0000000


def is_crash(status: int) -> bool:
    """Whether the system ended the process."""
    return status < 0 or status >= NTSTATUS_ERROR


def crash_name(status: int) -> str:
    """The signal, or the number Windows gives, of a status that is a crash."""
    if status > 0:
        return f"0x{status:08X}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
