"""A host handles the events of its nested hosts."""

from __future__ import annotations

import os
from pathlib import Path

from export_lsp import wire
from export_lsp.protocol import Check, Declined, Exited, Kill
from export_lsp.worker.hosts.event_loop import EventLoop
from export_lsp.worker.hosts.host_kind import HostKind
from export_lsp.worker.hosts.import_set import ImportSet
from export_lsp.worker.hosts.model_hosts import ModelHosts
from export_lsp.worker.hosts.nested_host import NestedHost
from export_lsp.worker.hosts.nested_host_table import NestedHostTable
from export_lsp.worker.hosts.upstream import Upstream

# Above the process ids that Linux assigns (pid_max is at most 2 ** 22).
NO_PROCESS = 1 << 23


def fail_to_start(check: Check, declined_by: HostKind | None = None) -> None:
    raise AssertionError("a run is started")


def test_a_killed_run_is_not_started_again(tmp_path: Path) -> None:
    """The run may decline before the kill reaches it."""
    _, commands = os.pipe()
    reported, events = os.pipe()
    loop = EventLoop()
    kind = ModelHosts()
    table = NestedHostTable(
        [kind],
        loop,
        Upstream(commands, events),
        start=fail_to_start,
        on_run_end=lambda: None,
        inherited=lambda: [],
    )
    check = Check(1, str(tmp_path), str(tmp_path / "model.py"))
    of_host, written = os.pipe()
    imports = ImportSet.of(check, {})
    host = NestedHost(NO_PROCESS, commands, of_host, check.file, imports, runs={1: check})
    host.ready = True
    kind.pool.add(host)
    assert table.kill(Kill(1))
    wire.send(written, Declined(1, "the file has changed"))
    table._read(kind, host)
    assert wire.decode(os.read(reported, 4096)) == Exited(1, -9)
    assert not host.runs
