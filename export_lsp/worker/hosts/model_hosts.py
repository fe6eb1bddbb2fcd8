"""Model hosts: nested hosts, each of which has one file imported and its first model built.

A run reports when it has built a target.  While no check is running, a fork of the host does the
same, and later runs of the file whose edits lie in function bodies continue from there.
"""

from __future__ import annotations

import functools
import os
import signal

from export_lsp.protocol import KEPT_MODEL_HOSTS, Check, Imported, ModuleCall, Traced
from export_lsp.worker.hosts.host import Host
from export_lsp.worker.hosts.host_kind import HostPool
from export_lsp.worker.hosts.import_set import FEWEST_MODULES, ImportSet
from export_lsp.worker.hosts.nested_host import HostMain, HostPlan, NestedHost
from export_lsp.worker.hosts.run_table import OUTPUT_LIMIT
from export_lsp.worker.hosts.upstream import Upstream
from export_lsp.worker.system import memory_use
from export_lsp.worker.system.process_exit import flush_output
from export_lsp.worker.system.process_title import set_process_title

# The bytes that building a model may add to the process.  A file that needs more is rarely worth
# keeping: it is built with real parameters.
LARGEST_MODEL = 1 << 30

# The seconds that importing the file and building its model may take.
PREPARATION_SECONDS = 60

# The calls of submodules in the last trace of each target, by its name.
TracedCalls = dict[str, tuple[ModuleCall, ...]]


class ModelHosts:
    """A `HostKind`: hosts with the model of a file built, at most one for each file.

    A file that is checked once may not be checked again, so it gets its host with the second check,
    or with the first one if `on_first_check`.
    """

    def __init__(self, *, on_first_check: bool = False) -> None:
        self.pool = HostPool(KEPT_MODEL_HOSTS)
        self._on_first_check = on_first_check
        self._first_run: dict[str, int] = {}
        self._planned: dict[str, HostPlan] = {}
        self._calls: dict[str, TracedCalls] = {}

    def host_for(self, check: Check) -> NestedHost | None:
        return self.pool.use(check.file, check) if check.build == "fake" else None

    def plans_for(self, check: Check) -> bool:
        return False  # a model is built while no check runs

    def imported(self, check: Check, imported: Imported, host: NestedHost | None) -> None:
        if len(imported.modules) >= FEWEST_MODULES:
            # The file gets a library host, and its model host in there.
            self._planned.pop(check.file, None)
        elif host is None and imported.built and self._deserves_host(check):
            imports = ImportSet.of(check, imported.modules)
            # The dict is filled by `traced`, which comes after this and before the host is forked.
            calls = self._calls.setdefault(check.file, {})
            prepare = functools.partial(_prepare, check, calls)
            self._planned[check.file] = HostPlan(check.file, imports, prepare)

    def traced(self, check: Check, traced: Traced) -> None:
        self._calls.setdefault(check.file, {})[traced.target] = traced.calls

    def next_plan(self) -> HostPlan | None:
        return self._planned.pop(next(iter(self._planned))) if self._planned else None

    def _deserves_host(self, check: Check) -> bool:
        first = self._first_run.setdefault(check.file, check.run)
        if first == check.run and not self._on_first_check:
            return False
        # A model that has to be built with real parameters is built with fake ones first, by a run.
        return check.build == "fake" and self.pool.accepts(check.file)


def _prepare(check: Check, calls: TracedCalls) -> HostMain | None:
    """Import the file and build its first target, as a run has just done."""
    # Here: it imports torch, and hosts are imported before it is known whether that works.
    from export_lsp.worker.check.snapshot import model_snapshot

    set_process_title("model")
    before = memory_use.private_memory()
    signal.alarm(PREPARATION_SECONDS)
    printed = _print_to_memory()
    snapshot = model_snapshot.take_snapshot(check)
    flush_output()
    signal.alarm(0)
    if snapshot is None or memory_use.private_memory() - before > LARGEST_MODEL:
        return None
    snapshot.printed = os.pread(printed, OUTPUT_LIMIT, 0)
    snapshot.calls = calls
    return lambda commands, events: Host(Upstream(commands, events), snapshot=snapshot).serve()


def _print_to_memory() -> int:
    """Redirect stdout and stderr to a memory file and return it: every run prints that again."""
    memory = os.memfd_create("printed")
    for descriptor in (1, 2):
        os.dup2(memory, descriptor)
    return memory
