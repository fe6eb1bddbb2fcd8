"""Descriptors that user code does not meet by accident."""

from __future__ import annotations

import os
import sys

# High, so that code which writes to "fd 3" by number does not meet the protocol.
PRIVATE_DESCRIPTOR = 200


def private_descriptor(descriptor: int) -> int:
    """A duplicate that children do not inherit, out of the way of small numbers."""
    if sys.platform == "win32":
        return os.dup(descriptor)
    import fcntl

    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, PRIVATE_DESCRIPTOR)
