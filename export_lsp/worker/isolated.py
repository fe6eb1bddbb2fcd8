"""Run something that may change anything, and have only its result.

Where processes fork, that is a fork: what the function did to the user's objects and to torch dies
with it.  Elsewhere the function runs here and has to undo what it can.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from export_lsp.worker.once import leave

T = TypeVar("T")

CHUNK = 1 << 16
CAN_FORK = sys.platform == "linux"


def call(function: Callable[[], T], *, timeout: float) -> T | None:
    """The function's result, which has to be plain data; None if it came to no end in time.

    Only a fork can be ended: elsewhere it takes the time that it takes.
    """
    return _forked(function, timeout) if CAN_FORK else function()


def _forked(function: Callable[[], T], timeout: float) -> T | None:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(reader)
            _print_to_nobody()
            with os.fdopen(writer, "wb") as stream:
                pickle.dump(function(), stream)
            status = 0
        finally:
            leave(status)
    os.close(writer)
    data = collect(pid, reader, timeout)
    return pickle.loads(data) if data else None


def collect(pid: int, descriptor: int, timeout: float) -> bytes:
    """All that a child writes until it ends; nothing if it fails or has to be ended for taking
    longer than `timeout` seconds.  The descriptor is closed."""
    data = _read(descriptor, time.monotonic() + timeout)
    os.close(descriptor)
    if data is None:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return data if data is not None and status == 0 else b""


def _print_to_nobody() -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.close(null)


def _read(descriptor: int, deadline: float) -> bytes | None:
    """All that is written until the other side ends; None if it does not by the deadline."""
    data = bytearray()
    while True:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return None
        chunk = os.read(descriptor, CHUNK)
        if not chunk:
            return bytes(data)
        data += chunk
