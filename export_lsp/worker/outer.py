"""The host that the server speaks to: warms up, and has hosts within it that preload more."""

from __future__ import annotations

import os

from export_lsp import protocol
from export_lsp.protocol import Check, Exited, Imported, Kill, Message, Ready
from export_lsp.worker import limits
from export_lsp.worker.forked import READY, ForkedRun
from export_lsp.worker.host import Host, read, take_lines
from export_lsp.worker.naming import call_this
from export_lsp.worker.once import write, write_all
from export_lsp.worker.preloaded import Preloaded, Preloading, fork_host
from export_lsp.worker.warm import steps, warm_up

# The beginning of the two kinds of line that are not only passed on.
_NOTED = tuple(f'{{"kind":"{kind.__name__}"'.encode() for kind in (Exited, Imported))


def serve(commands: int, events: int) -> None:
    """Answer the server until it closes the command pipe; then leave no run behind."""
    limits.die_with_parent()
    call_this("host")
    outcome = warm_up(fork=True)
    limits.outlive_parent()
    write(events, outcome)
    if isinstance(outcome, Ready):
        OuterHost(commands, events).serve()


class OuterHost(Host):
    def __init__(self, commands: int, events: int) -> None:
        super().__init__(commands, events, steps())
        self._preloading = Preloading()

    def _start(self, check: Check) -> None:
        host = self._preloading.host_for(check)
        if host is not None:
            try:
                host.send(check)
            except BrokenPipeError:
                del host.runs[check.run]  # killed from outside
            else:
                return
        super()._start(check)

    def _kill(self, kill: Kill) -> None:
        host = self._preloading.host_of(kill.run)
        if host is None:
            super()._kill(kill)
        else:
            host.send(kill)

    def _descriptors(self) -> list[int]:
        hosts = self._preloading.hosts.values()
        within = [descriptor for host in hosts for descriptor in (host.commands, host.events)]
        return [*super()._descriptors(), *within]

    def _pass_on(self, check: Check, event: Message, line: bytes) -> None:
        if isinstance(event, Imported):
            self._preloading.imported(check, event, None)
        else:
            super()._pass_on(check, event, line)

    # --- the hosts within -------------------------------------------------------------------

    def _preload(self) -> None:
        """Make ready what the next runs need, while none is at work."""
        at_work = any(run.check is not None for run in self._processes.values())
        if at_work or any(host.runs for host in self._preloading.hosts.values()):
            return
        recipe = self._preloading.next()
        if recipe is None:
            return
        host = fork_host(recipe, self._descriptors(), lambda *pipes: Host(*pipes).serve())
        self._preloading.hosts[host.pid] = host
        self._watch(host.events, lambda: self._read_host(host))

    def _read_host(self, host: Preloaded) -> None:
        data = read(host.events)
        if data is None:
            self._forget(host.events)
            return
        host.line += data
        for line in take_lines(host.line):
            if not host.ready:
                host.ready = line + b"\n" == READY
            elif line.startswith(_NOTED):
                self._note(host, line)
            else:
                write_all(self._events, line + b"\n")

    def _note(self, host: Preloaded, line: bytes) -> None:
        event = protocol.decode(line)
        if isinstance(event, Imported) and event.run in host.runs:
            self._preloading.imported(host.runs[event.run], event, host)
        elif isinstance(event, Exited):
            host.runs.pop(event.run, None)
            write_all(self._events, line + b"\n")
            self._preload()

    # --- ends -------------------------------------------------------------------------------

    def _reap(self) -> None:
        for host in list(self._preloading.hosts.values()):
            pid, status = os.waitpid(host.pid, os.WNOHANG)
            if pid:
                self._end_host(host, os.waitstatus_to_exitcode(status))
        super()._reap()

    def _children(self) -> set[int]:
        return {*super()._children(), *self._preloading.hosts}

    def _end_host(self, host: Preloaded, status: int) -> None:
        if host.events in self._selector.get_map():
            self._read_host(host)
        self._forget(host.events)
        host.close()
        self._preloading.gone(host)
        for run in host.runs:
            self._say(Exited(run, status))

    def _end(self, run: ForkedRun, status: int) -> None:
        super()._end(run, status)
        self._preload()
