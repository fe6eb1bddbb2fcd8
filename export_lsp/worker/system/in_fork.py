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

from export_lsp.worker.system.exits import leave

T = TypeVar("T")

CHUNK = 1 << 16
CAN_FORK = sys.platform == "linux"

# Children that have said what there was to say, and had not ended when they were last looked at.
_ending: list[int] = []


def call(function: Callable[[], T], *, timeout: float) -> T | None:
    """The function's result, which has to be plain data; None if it came to no end in time.

    Only a fork can be ended: elsewhere it takes the time that it takes.
    """
    return start(function, timeout=timeout)()


def start(function: Callable[[], T], *, timeout: float) -> Callable[[], T | None]:
    """Begin to `call` the function; what waits for its result, once.

    Elsewhere than in a fork it runs when that is asked for.
    """
    return _fork(function, timeout) if CAN_FORK else function


def _fork(function: Callable[[], T], timeout: float) -> Callable[[], T | None]:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(reader)
            _ending.clear()  # its siblings, not its children
            _print_to_nobody()
            with os.fdopen(writer, "wb") as stream:
                pickle.dump(function(), stream)
            status = 0
        finally:
            leave(status)
    os.close(writer)

    def result() -> T | None:
        data = collect(pid, reader, timeout)
        try:
            found: T = pickle.loads(data)
        except (EOFError, pickle.UnpicklingError):
            return None  # it broke off
        return found

    return result


def collect(pid: int, descriptor: int, timeout: float) -> bytes:
    """All that a child writes until it closes its side; nothing if it has to be ended for taking
    longer than `timeout` seconds.  The descriptor is closed.

    Nobody waits for the child's end: to give back its memory takes it tens of milliseconds.
    """
    data = _read(descriptor, time.monotonic() + timeout)
    os.close(descriptor)
    if data is None:
        os.kill(pid, signal.SIGKILL)
    _ending[:] = [child for child in (*_ending, pid) if os.waitpid(child, os.WNOHANG) == (0, 0)]
    return data or b""


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
