"""What a forked run and a standby process have in common: one check, then the process's end."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

from export_lsp import wire
from export_lsp.protocol import INTERNAL_ERROR, Check, Log, RunEvent
from export_lsp.worker.system.exits import leave

if TYPE_CHECKING:
    from export_lsp.worker.check.snapshot.model_snapshot import Snapshot

# User code may put its own in its place; what speaks for the run needs the system's.
_getpid = os.getpid


def check_and_exit(
    line: bytes, events: int, snapshot: Snapshot | None = None, *, early: bool = False
) -> NoReturn:
    """Carry out the `Check` in `line`, say on `events` what there is to say, end the process.

    `snapshot` is what has been made in this process already; with `early` only what was edited
    since is looked at.
    """
    from export_lsp.worker.check.early_trace import report_early_findings
    from export_lsp.worker.check.run import run_check  # both are imported before the fork

    process = _getpid()
    _keep_from_children(events)

    def emit(event: RunEvent) -> None:
        if _getpid() != process:
            leave(0)  # user code forked, and the child came back as well: one speaks for the run
        try:
            wire.send(events, event)
        except OSError:
            leave(1)  # user code closed the descriptor, or the host is gone: nobody hears

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
