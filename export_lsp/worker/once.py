"""What a forked run and a standby process have in common: one check, then the process's end."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

from export_lsp import wire
from export_lsp.protocol import INTERNAL_ERROR, Check, Log, Message, RunEvent

if TYPE_CHECKING:
    from export_lsp.worker.snapshot import Snapshot

# User code may put its own in their place; what speaks for the run needs the system's.
_getpid, _exit = os.getpid, os._exit


def write(descriptor: int, message: Message) -> None:
    wire.write_all(descriptor, wire.encode(message))


def check_once(
    line: bytes, events: int, snapshot: Snapshot | None = None, *, early: bool = False
) -> NoReturn:
    """Carry out the `Check` in `line`, say on `events` what there is to say, end the process.

    `snapshot` is what has been made in this process already; with `early` only what was edited
    since is looked at.
    """
    from export_lsp.worker.early.look import look
    from export_lsp.worker.run import run_check  # both are imported before the fork

    process = _getpid()
    _keep_from_children(events)

    def emit(event: RunEvent) -> None:
        if _getpid() != process:
            leave(0)  # user code forked, and the child came back as well: one speaks for the run
        try:
            write(events, event)
        except OSError:
            leave(1)  # user code closed the descriptor, or the host is gone: nobody hears

    status = INTERNAL_ERROR
    try:
        check = wire.decode(line)
        if not isinstance(check, Check):
            raise TypeError(f"a run was sent {check!r}")
        try:
            if early and snapshot is not None:
                status = look(check, emit, snapshot)
            else:
                status = run_check(check, emit, snapshot)
        except BaseException:  # what user code raises is a finding: this is ours, whatever it is
            emit(Log(check.run, "error", traceback.format_exc()))
    finally:
        leave(status)


def _keep_from_children(descriptor: int) -> None:
    """Close a descriptor in what this process forks, so that its end is seen when this one ends."""

    def close() -> None:
        with contextlib.suppress(OSError):
            os.close(descriptor)

    if sys.platform != "win32":
        os.register_at_fork(after_in_child=close)


def leave(status: int) -> NoReturn:
    """End the process at once, but for what was printed: threads and exit handlers do not count."""
    try:
        flush()
    finally:
        _exit(status)


def flush() -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        # User code may have closed it, or put something of its own in its place.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            if stream is not None:
                stream.flush()
