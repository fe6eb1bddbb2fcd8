"""Call a function in a fork of this process, so that only its result comes back.

Changes that the function makes to the user's objects and to torch end with the fork.  Where a
process cannot be forked, the function is called in this one and has to undo its changes itself.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

from export_lsp.worker.system.descriptors import CHUNK
from export_lsp.worker.system.limits import limit_memory
from export_lsp.worker.system.process_exit import exit_now

T = TypeVar("T")

# Windows has no fork; on macOS a fork of a process that has used the system's frameworks is unsafe.
CAN_FORK = sys.platform == "linux"

# Called before a fork, returns a function that the fork calls at its end; its result is handed to
# the second function in this process.
Report = Callable[[], Callable[[], Any]]
Receive = Callable[[Any], None]
_attached: list[tuple[Report, Receive]] = []

# Forks that have closed their pipe but had not ended when they were last waited for.
_ending: list[int] = []


def attach(report: Report, receive: Receive) -> None:
    """Have every later fork send something beside its result.

    Args:
        report: Called before a fork; the function it returns is called at the fork's end and
            returns something picklable.
        receive: Called in this process with that.
    """
    _attached.append((report, receive))


def call_in_fork(
    function: Callable[[], T], *, timeout: float, memory: int | None = None
) -> T | None:
    """Call a function in a fork and return its result, which has to be picklable.

    Returns None if the function raises or takes longer than `timeout` seconds.  Allocations of more
    than `memory` bytes in the fork raise MemoryError.  Where a process cannot be forked, exceptions
    propagate, and the limits have no effect.
    """
    return start_in_fork(function, timeout=timeout, memory=memory)()


def start_in_fork(
    function: Callable[[], T], *, timeout: float, memory: int | None = None
) -> Callable[[], T | None]:
    """Start a call as `call_in_fork` does; return a function that waits for its result.

    The returned function must be called once.  Where a process cannot be forked, it makes the call.
    """
    return _fork(function, timeout, memory) if CAN_FORK else function


def _fork(function: Callable[[], T], timeout: float, memory: int | None) -> Callable[[], T | None]:
    reader, writer = os.pipe()
    reports = [report() for report, _ in _attached]
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(reader)
            _ending.clear()  # these are its siblings: only their parent can wait for them
            _discard_output()
            limit_memory(memory)
            with os.fdopen(writer, "wb") as stream:
                value = function()
                pickle.dump((value, [report() for report in reports]), stream)
            status = 0
        finally:
            exit_now(status)
    os.close(writer)

    def result() -> T | None:
        data = read_from_fork(pid, reader, timeout)
        try:
            found: tuple[T, list[Any]] = pickle.loads(data)
        except (EOFError, pickle.UnpicklingError):
            return None  # the function raised, or the fork was killed
        for (_, receive), reported in zip(_attached, found[1], strict=False):
            receive(reported)
        return found[0]

    return result


def read_from_fork(pid: int, descriptor: int, timeout: float) -> bytes:
    """Read all that a fork writes to a pipe, and close the descriptor.

    If the fork takes longer than `timeout` seconds to close its end, it is killed and nothing is
    returned.  Otherwise its end is not waited for: returning its memory to the system takes tens of
    milliseconds.
    """
    data = _read(descriptor, time.monotonic() + timeout)
    os.close(descriptor)
    if data is None:
        os.kill(pid, signal.SIGKILL)
    _ending[:] = [child for child in (*_ending, pid) if os.waitpid(child, os.WNOHANG) == (0, 0)]
    return data or b""


def _discard_output() -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.close(null)


def _read(descriptor: int, deadline: float) -> bytes | None:
    """Read until the other side closes the pipe; return None if it does not by the deadline."""
    data = bytearray()
    while True:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return None
        chunk = os.read(descriptor, CHUNK)
        if not chunk:
            return bytes(data)
        data += chunk
