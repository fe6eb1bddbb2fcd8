"""What a host does with what the hosts within it say."""

from __future__ import annotations

import os
from pathlib import Path

from export_lsp import wire
from export_lsp.protocol import Check, Declined, Exited, Kill
from export_lsp.worker.hosts.forked_run import ForkedRun
from export_lsp.worker.hosts.import_set import Recipe
from export_lsp.worker.hosts.model_hosts import Snapshots
from export_lsp.worker.hosts.nested_host import InnerHost
from export_lsp.worker.hosts.nesting_host import NestingHost

# Above what Linux gives (pid_max is at most 2 ** 22).
NOBODY = 1 << 23


class Unforked(NestingHost):
    """A host that starts no run."""

    def _take_spare(self) -> ForkedRun:
        raise AssertionError("a run is started")


def test_a_run_that_was_killed_is_not_started_anew(tmp_path: Path) -> None:
    """It may decline before it meets the kill."""
    _, commands = os.pipe()
    events, said = os.pipe()
    check = Check(1, str(tmp_path), str(tmp_path / "model.py"))
    within = InnerHost(NOBODY, commands, events, Recipe.of(check, {}), [], runs={1: check})
    snapshots = Snapshots()
    host = Unforked(commands, said, [snapshots])
    snapshots.hosts[NOBODY] = within
    host._kill(Kill(1))
    host._note(snapshots, within, wire.encode(Declined(1, "it is another")))
    assert wire.decode(os.read(events, 4096)) == Exited(1, -9)
    assert not within.runs
