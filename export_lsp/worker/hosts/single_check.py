"""Carry out one check in this process and end it: the work of a forked run and of a standby."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

from export_lsp import wire
from export_lsp.protocol import INTERNAL_ERROR, Check, Log, RunEvent
from export_lsp.worker.system.process_exit import exit_now

if TYPE_CHECKING:
    from export_lsp.worker.check.snapshot.model_snapshot import Snapshot

# User code may replace `os.getpid`.
_getpid = os.getpid


def check_and_exit(
    line: bytes, events: int, snapshot: Snapshot | None = None, *, early: bool = False
) -> NoReturn:
    """Carry out the `Check` encoded in `line`, write its events to a descriptor, end the process.

    The check continues from `snapshot` if there is one.  With `early` only the submodules edited
    since then are traced.  The exit status is `INTERNAL_ERROR` after a failure of our own code,
    whose traceback is reported as a `Log`.
    """
    # Here: both import torch.  The host has imported them before it forks.
    from export_lsp.worker.check.early_trace import report_early_findings
    from export_lsp.worker.check.run import run_check

    process = _getpid()
    _close_in_forks(events)

    def emit(event: RunEvent) -> None:
        if _getpid() != process:
            exit_now(0)  # user code forked, and its child returned here: only the parent reports
        try:
            wire.send(events, event)
        except OSError:
            exit_now(1)  # user code closed the descriptor, or the host is gone

    status = INTERNAL_ERROR
    try:
        check = wire.decode(line)
        if not isinstance(check, Check):
            raise TypeError(f"a run was sent {check!r}")
        try:
            if early and snapshot is not None:
                status = report_early_findings(check, emit, snapshot)
            else:
                status = run_check(check, emit, snapshot)
        except BaseException:  # failures of user code are findings: this is a bug of ours
            emit(Log(check.run, "error", traceback.format_exc()))
    finally:
        exit_now(status)


def _close_in_forks(descriptor: int) -> None:
    """Close a descriptor in forks of this process: its reader notices when this one ends."""

    def close() -> None:
        with contextlib.suppress(OSError):
            os.close(descriptor)

    if sys.platform != "win32":
        os.register_at_fork(after_in_child=close)
