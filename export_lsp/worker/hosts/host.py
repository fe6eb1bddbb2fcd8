"""A host: a fork server, which keeps torch imported and forks one run for each check.

The process that the host serves, its upstream, sends `Check` and `Kill`; it receives the events and
the output of the runs, and `Exited` after each of them.  The host waits in one loop for commands,
for the pipes of the runs, and for the ends of child processes.  It has a single thread and never
initialises CUDA, so that forks of it are sound.

A host may have nested hosts, forks of itself that hold more than torch.  A check starts in the
first of them that fits it, or else in a run forked from this process.  The main host has nested
hosts of both kinds, with libraries imported or a model built; a library host has nested hosts with
models; a model host has none, and its runs continue from its snapshot.  User code runs in runs, and
in a model host while it builds the model.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from export_lsp import wire
from export_lsp.protocol import NO_RUN, Check, Imported, Kill, Log, Message, Traced
from export_lsp.wire import LineSplitter, ProtocolError
from export_lsp.worker.hosts.event_loop import EventLoop
from export_lsp.worker.hosts.host_kind import HostKind
from export_lsp.worker.hosts.nested_host_table import NestedHostTable
from export_lsp.worker.hosts.run_table import RunTable
from export_lsp.worker.hosts.upstream import Upstream
from export_lsp.worker.system import processes
from export_lsp.worker.system.descriptors import CHUNK

if TYPE_CHECKING:
    from export_lsp.worker.check.snapshot.model_snapshot import Snapshot

# Checks that start before the host is warm.  They load the rest themselves; after this many of them
# it is quicker to finish the warm-up first.
COLD_STARTS = 2

# The seconds that ending the processes of runs may take when the host leaves.
CLEAN_UP_SECONDS = 1.0


class Host:
    """Serves `upstream` until it closes the pipe of commands.

    `kinds` are the kinds of nested hosts, in the order in which they are asked for one that fits a
    check.  The steps of `warm_up` load what runs need, and are taken while no run exists.  With a
    `snapshot` all runs continue from it.
    """

    def __init__(
        self,
        upstream: Upstream,
        kinds: Sequence[HostKind] = (),
        *,
        warm_up: Iterator[None] | None = None,
        snapshot: Snapshot | None = None,
    ) -> None:
        self._upstream = upstream
        self._snapshot = snapshot
        self._warm_up = warm_up  # None once the host is warm
        self._cold_starts = 0
        self._cold_imports: list[tuple[Check, Imported]] = []
        self._lines = LineSplitter()
        self._open = True
        self._loop = EventLoop()
        self._runs = RunTable(
            self._loop,
            upstream,
            on_event=self._receive,
            inherited=self._descriptors,
            snapshot=snapshot,
        )
        self._nested = NestedHostTable(
            kinds,
            self._loop,
            upstream,
            start=self._start,
            on_run_end=self._fork_nested_hosts,
            inherited=self._descriptors,
        )

    def serve(self) -> None:
        """Serve until the commands end; leave no process behind."""
        processes.adopt_orphans()
        self._loop.watch_children(self._reap)
        self._loop.watch(self._upstream.commands, self._read_commands)
        self._fork_spare()
        try:
            while self._open:
                self._turn()
        except BrokenPipeError:
            pass  # the upstream process is gone
        finally:
            self._end_all()

    def _turn(self) -> None:
        """Wait for something to happen and react, or take a step of the warm-up if nothing does."""
        may_warm_up = self._warm_up is not None and self._runs.is_empty
        ready = self._loop.wait(0 if may_warm_up else self._runs.seconds_to_deadline())
        self._runs.kill_overdue()
        if may_warm_up and not ready:
            self._take_warm_up_step()
            self._fork_nested_hosts()
        self._loop.dispatch(ready)

    # --- commands ---------------------------------------------------------------------------

    def _read_commands(self) -> None:
        data = os.read(self._upstream.commands, CHUNK)
        if not data:
            self._open = False
            return
        for line in self._lines.feed(data):
            try:
                command = wire.decode(line)
            except ProtocolError as error:
                text = f"the host received a line that is not a command: {error}"
                self._upstream.send(Log(NO_RUN, "warning", text))
                continue
            if isinstance(command, Check):
                self._start(command)
            elif isinstance(command, Kill) and not self._nested.kill(command):
                self._runs.kill(command)

    def _start(self, check: Check, declined_by: HostKind | None = None) -> None:
        """Start a check, in a nested host if one fits it."""
        if self._nested.start(check, declined_by):
            return
        self._cold_starts += self._warm_up is not None
        while self._warm_up is not None and self._cold_starts > COLD_STARTS:
            self._take_warm_up_step()
        self._runs.start(check)
        # A trial edits what the check before it has reported on.
        if self._snapshot is not None and self._snapshot.calls and not check.texts:
            self._runs.start_early(check)

    # --- preparing for the next check -------------------------------------------------------

    def _take_warm_up_step(self) -> None:
        if self._warm_up is None or next(self._warm_up, self) is not self:
            return
        self._warm_up = None
        self._fork_spare()
        for check, event in self._cold_imports:
            self._nested.imported(check, event)
        self._cold_imports.clear()

    def _fork_spare(self) -> None:
        if self._runs.is_empty and self._warm_up is None:
            self._runs.fork_spare()

    def _fork_nested_hosts(self) -> None:
        if not self._runs.is_checking and not self._nested.is_checking:
            self._nested.fork_planned()

    def _descriptors(self) -> list[int]:
        """Return the descriptors that a fork of this process has to close."""
        return [
            self._upstream.commands,
            self._upstream.events,
            *self._loop.descriptors(),
            *self._runs.descriptors(),
            *self._nested.descriptors(),
        ]

    # --- events of the runs -----------------------------------------------------------------

    def _receive(self, check: Check, event: Message, line: bytes) -> None:
        """Forward an event of a run, unless it is meant for this host."""
        if isinstance(event, Traced):
            if self._snapshot is not None:
                self._snapshot.calls[event.target] = event.calls
            self._nested.traced(check, event)
        elif isinstance(event, Imported):
            self._imported(check, event)
            self._upstream.forward_imports(line)
        else:
            self._upstream.forward(line)

    def _imported(self, check: Check, event: Imported) -> None:
        if self._warm_up is None:
            self._nested.imported(check, event)
        else:
            # Modules that the warm-up is going to load need no nested host.
            self._cold_imports.append((check, event))

    # --- ends -------------------------------------------------------------------------------

    def _reap(self) -> None:
        """React to the ends of child processes."""
        self._nested.reap()
        ended = self._runs.reap()
        if any(run.check is not None for run in ended):
            self._fork_spare()
        if ended:
            self._fork_nested_hosts()
        if not self._runs.is_checking:
            # The other children are orphans that this process has adopted from runs.
            processes.kill_children(self._runs.pids() | self._nested.pids())

    def _end_all(self) -> None:
        """End all child processes, orphans of runs included: their next parent would keep them."""
        self._runs.kill_all()
        deadline = time.monotonic() + CLEAN_UP_SECONDS
        processes.kill_children()
        # Waiting for a particular child might block for as long as the system takes to end it.
        while processes.child_pids() and (left := deadline - time.monotonic()) > 0:
            self._loop.wait_for_child(left)
            processes.kill_children()
