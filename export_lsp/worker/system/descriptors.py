"""Pipe descriptors: out of user code's way, and read without blocking."""

from __future__ import annotations

import os
import sys

if sys.platform != "win32":
    import fcntl

# High, so that code which writes to "fd 3" by number does not hit the protocol.
PRIVATE_DESCRIPTOR = 200

# Bytes read at a time.
CHUNK = 1 << 16


def private_descriptor(descriptor: int) -> int:
    """Duplicate a descriptor to a high number that programs started later do not inherit.

    On Windows the duplicate has any free number.
    """
    if sys.platform == "win32":
        return os.dup(descriptor)
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, PRIVATE_DESCRIPTOR)


def read_available(descriptor: int) -> bytes | None:
    """Read what a non-blocking descriptor holds, up to `CHUNK` bytes.

    Returns ``b""`` if nothing has been written, None once all writers have closed their ends.
    """
    try:
        return os.read(descriptor, CHUNK) or None
    except BlockingIOError:
        return b""
