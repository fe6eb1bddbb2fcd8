"""Hosts within a host, each with the snapshot of one file: what is imported and made for it.

A run tells when it has built a target.  When there is time a fork of the host does the same, and
runs of the file that differ in bodies only go on from there.
"""

from __future__ import annotations

import functools
import os
import signal

from export_lsp.protocol import KEPT_MODELS, Check, Imported, ModuleCall, Traced
from export_lsp.worker.hosts.host import OUTPUT_LIMIT
from export_lsp.worker.hosts.import_set import Recipe
from export_lsp.worker.hosts.library_hosts import LEAST
from export_lsp.worker.hosts.nested_host import InnerHost, Keeper, Serve, Wanted
from export_lsp.worker.hosts.snapshot_host import SnapshotHost
from export_lsp.worker.system import limits
from export_lsp.worker.system.exits import flush
from export_lsp.worker.system.process_title import call_this

# Bytes of its own that a snapshot may take: who builds so much for real builds again.
LARGEST = 1 << 30
# Seconds that making one may take.
PATIENCE = 60

# By target.
TracedCalls = dict[str, tuple[ModuleCall, ...]]


class Snapshots(Keeper):
    """Which files have a snapshot in this host.

    A file that is checked once may not be so again: without `at_once` it gets one the second time.
    """

    def __init__(self, *, at_once: bool = False) -> None:
        super().__init__(KEPT_MODELS)
        self._at_once = at_once
        self._first: dict[str, int] = {}
        self._wanted: dict[str, Wanted] = {}
        self._refused: set[str] = set()
        self._calls: dict[str, TracedCalls] = {}

    def host_for(self, check: Check) -> InnerHost | None:
        host = self._host(check.file)
        return self._used(host, check) if host is not None and check.build == "fake" else None

    def imported(self, check: Check, imported: Imported, host: InnerHost | None) -> None:
        """A file of which much is imported gets its snapshot where that is preloaded."""
        if len(imported.modules) >= LEAST:
            self._wanted.pop(check.file, None)
        elif host is None and imported.built and self._may_have(check):
            recipe = Recipe.of(check, imported.modules)
            # What is called is told later than what is imported, and before this is made.
            make = functools.partial(_make, check, self._calls.setdefault(check.file, {}))
            self._wanted[check.file] = Wanted(recipe, make, check.file)

    def traced(self, check: Check, traced: Traced) -> None:
        self._calls.setdefault(check.file, {})[traced.target] = traced.calls

    def declined(self, check: Check, host: InnerHost) -> None:
        """What is on disk is another now; a trial, or what goes on after a crash, is just not
        about the first target."""
        if not check.texts and not check.skip:
            host.end()

    def next(self) -> Wanted | None:
        return self._wanted.pop(next(iter(self._wanted))) if self._wanted else None

    def _refuse(self, host: InnerHost) -> None:
        self._refused.add(host.file)

    def _may_have(self, check: Check) -> bool:
        first = self._first.setdefault(check.file, check.run)
        if first == check.run and not self._at_once:
            return False
        # One that is built for real is built with fake parameters first, each time.
        if check.build != "fake":
            return False
        return check.file not in self._refused and self._host(check.file) is None

    def _host(self, file: str) -> InnerHost | None:
        return next((host for host in self._alive() if host.file == file), None)


def _make(check: Check, calls: TracedCalls) -> Serve | None:
    """Import the file and build its first target, as its run has just done."""
    from export_lsp.worker.check.snapshot import model_snapshot

    call_this("model")
    before = limits.own_memory()
    signal.alarm(PATIENCE)
    printed = _print_to_memory()
    made = model_snapshot.take_snapshot(check)
    flush()
    signal.alarm(0)
    if made is None or limits.own_memory() - before > LARGEST:
        return None
    made.printed = os.pread(printed, OUTPUT_LIMIT, 0)
    made.calls = calls
    return lambda commands, events: SnapshotHost(commands, events, made).serve()


def _print_to_memory() -> int:
    """Keep what is printed from here on: the runs print it again."""
    memory = os.memfd_create("printed")
    for descriptor in (1, 2):
        os.dup2(memory, descriptor)
    return memory
