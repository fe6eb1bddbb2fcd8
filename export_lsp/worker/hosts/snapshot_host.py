"""A host whose runs go on from a snapshot; beside each another looks at what was edited, early."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from export_lsp.protocol import Check, Message, Traced
from export_lsp.worker.hosts.forked_run import ForkedRun
from export_lsp.worker.hosts.host import Host
from export_lsp.worker.system import limits

if TYPE_CHECKING:
    from export_lsp.worker.check.snapshot.model_snapshot import Snapshot


class SnapshotHost(Host):
    def __init__(self, commands: int, events: int, snapshot: Snapshot) -> None:
        super().__init__(commands, events, snapshot=snapshot)
        self._calls = snapshot.calls

    def _start(self, check: Check) -> None:
        super()._start(check)
        # A trial edits what a check has just told of.
        if self._calls and not check.texts:
            with contextlib.suppress(BrokenPipeError):  # killed from outside
                self._fork(rehearsed=False, early=True).hand_over(check)

    def _pass_on(self, check: Check, event: Message, line: bytes) -> None:
        if isinstance(event, Traced):
            self._calls[event.target] = event.calls
        else:
            super()._pass_on(check, event, line)

    def _end(self, run: ForkedRun, status: int) -> None:
        if not run.early:
            for other in self._early(run.number):
                limits.kill_group(other.pid)
                self._forget(other.events)  # the check is over: it is not to be heard any more
        super()._end(run, status)

    def _early(self, number: int | None) -> list[ForkedRun]:
        return [run for run in self._processes.values() if run.early and run.number == number]
