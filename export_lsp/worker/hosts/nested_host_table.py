"""The nested hosts of a host: send them checks, read their events, fork them, notice their ends."""

from __future__ import annotations

import functools
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from export_lsp import wire
from export_lsp.protocol import Check, Declined, Exited, Imported, Kill, Log, Traced
from export_lsp.worker.hosts.event_loop import EventLoop
from export_lsp.worker.hosts.forked_run import READY
from export_lsp.worker.hosts.host_kind import HostKind
from export_lsp.worker.hosts.nested_host import NestedHost, fork_nested_host
from export_lsp.worker.hosts.upstream import Upstream
from export_lsp.worker.system.descriptors import read_available

# How the lines begin that are decoded here.  All others are forwarded as they are.
_DECODED = tuple(f'{{"kind":"{kind.__name__}"'.encode() for kind in (Exited, Imported, Declined))

# An event of a run; `Launched` is the host's own and does not say that the run has begun.
_RUN_EVENT = re.compile(rb'\{"kind":"(?!Launched")\w+","run":(\d+)')


class Start(Protocol):
    """Starts a check, but not in a nested host of the kind that has declined it."""

    def __call__(self, check: Check, declined_by: HostKind | None = None) -> None: ...


class NestedHostTable:
    """The nested hosts that a host has forked, of all its kinds.

    `start` starts a check again that a nested host has declined or lost, `on_run_end` is called
    when a run of a nested host has ended, and `inherited` returns the descriptors that a fork of
    this process has to close.
    """

    def __init__(
        self,
        kinds: Sequence[HostKind],
        loop: EventLoop,
        upstream: Upstream,
        *,
        start: Start,
        on_run_end: Callable[[], None],
        inherited: Callable[[], list[int]],
    ) -> None:
        self._kinds = kinds
        self._loop = loop
        self._upstream = upstream
        self._start = start
        self._on_run_end = on_run_end
        self._inherited = inherited

    @property
    def is_checking(self) -> bool:
        """True while a nested host carries out a check."""
        return any(host.runs for _, host in self._hosts())

    def pids(self) -> set[int]:
        return {host.pid for _, host in self._hosts()}

    def descriptors(self) -> list[int]:
        return [descriptor for _, host in self._hosts() for descriptor in host.descriptors()]

    def _hosts(self) -> list[tuple[HostKind, NestedHost]]:
        return [(kind, host) for kind in self._kinds for host in kind.pool]

    # --- commands ---------------------------------------------------------------------------

    def start(self, check: Check, declined_by: HostKind | None) -> bool:
        """Send a check to the first kind that has a host for it; return whether one has taken it.

        The kind that has declined the check is passed over.  A planned host that it could start in
        is forked at once, for the checks after it.
        """
        kinds = [kind for kind in self._kinds if kind is not declined_by]
        if any(_sent(check, kind.host_for(check)) for kind in kinds):
            return True
        for kind in kinds:
            # One more file imports the same: many may follow, and none of them waits for a pause.
            if kind.plans_for(check) and not check.texts:
                self._fork_planned(kind)
        return False

    def kill(self, kill: Kill) -> bool:
        """Forward the kill of a run to its nested host; return whether it has one."""
        for _, host in self._hosts():
            if kill.run in host.runs:
                host.send(kill)
                return True
        return False

    # --- forking hosts ----------------------------------------------------------------------

    def imported(self, check: Check, event: Imported, host: NestedHost | None = None) -> None:
        """Tell all kinds what the run of a check has imported, in which nested host if in one."""
        # Every nested host has the modules of this process already.
        modules = {name: file for name, file in event.modules.items() if name not in sys.modules}
        for kind in self._kinds:
            kind.imported(check, replace(event, modules=modules), host)

    def traced(self, check: Check, event: Traced) -> None:
        for kind in self._kinds:
            kind.traced(check, event)

    def fork_planned(self) -> None:
        """Fork the next host of each kind, if one is planned."""
        for kind in self._kinds:
            self._fork_planned(kind)

    def _fork_planned(self, kind: HostKind) -> None:
        plan = kind.next_plan()
        if plan is not None:
            kind.pool.make_room()
            host = fork_nested_host(plan, self._inherited())
            kind.pool.add(host)
            self._loop.watch(host.events, functools.partial(self._read, kind, host))

    # --- events -----------------------------------------------------------------------------

    def _read(self, kind: HostKind, host: NestedHost) -> None:
        data = read_available(host.events)
        if data is None:
            self._loop.unwatch(host.events)
            return
        for line in host.lines.feed(data):
            if not host.ready:
                host.ready = line + b"\n" == READY
                continue
            if number := _RUN_EVENT.match(line):
                host.reported.add(int(number[1]))
            if line.startswith(_DECODED):
                self._receive(kind, host, line)
            else:
                self._upstream.forward(line)

    def _receive(self, kind: HostKind, host: NestedHost, line: bytes) -> None:
        event = wire.decode(line)
        if not isinstance(event, (Imported, Declined, Exited)) or event.run not in host.runs:
            return
        if isinstance(event, Imported):
            self.imported(host.runs[event.run], event, host)
            self._upstream.forward_imports(line)
            return
        was_killed = event.run in host.killed
        check = host.forget(event.run)
        if isinstance(event, Exited):
            self._upstream.forward(line)
            self._on_run_end()
        elif was_killed:
            self._upstream.send(Exited(check.run, -signal.SIGKILL))
        else:
            self._decline(kind, host, check, event.reason)

    def _decline(self, kind: HostKind, host: NestedHost, check: Check, reason: str) -> None:
        """Start a check elsewhere whose run cannot continue from its host."""
        self._upstream.send(Log(check.run, "debug", f"builds the model again: {reason}"))
        # The files on disk have changed since the host was forked.  A trial does not show that, nor
        # does a check that continues after a crash: it may only need another target.
        if not check.texts and not check.skip:
            host.retire()
        self._start(check, declined_by=kind)

    # --- ends -------------------------------------------------------------------------------

    def reap(self) -> None:
        """Remove the hosts whose processes have ended, and report or restart their runs."""
        for kind, host in self._hosts():
            pid, status = os.waitpid(host.pid, os.WNOHANG)
            if pid:
                self._end(kind, host, os.waitstatus_to_exitcode(status))

    def _end(self, kind: HostKind, host: NestedHost, status: int) -> None:
        if self._loop.is_watched(host.events):
            self._read(kind, host)
        self._loop.unwatch(host.events)
        host.close()
        kind.pool.remove(host, status)
        for run, check in host.runs.items():
            if status == -signal.SIGKILL and run not in host.reported | host.killed:
                self._start(check)  # killed from outside before the run began
            else:
                self._upstream.send(Exited(run, status))


def _sent(check: Check, host: NestedHost | None) -> bool:
    if host is None:
        return False
    try:
        host.send(check)
    except BrokenPipeError:
        return False  # killed from outside
    return True
