"""A host that has hosts within it: for a check the first that has something for it."""

from __future__ import annotations

import functools
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from export_lsp import wire
from export_lsp.protocol import Check, Declined, Exited, Imported, Kill, Log, Message, Traced
from export_lsp.wire import write_all
from export_lsp.worker.hosts.forked_run import READY, ForkedRun
from export_lsp.worker.hosts.host import Host
from export_lsp.worker.hosts.nested_host import InnerHost, Keeper, fork_inner

# The beginnings of the lines that are not only passed on.
_NOTED = tuple(f'{{"kind":"{kind.__name__}"'.encode() for kind in (Exited, Imported, Declined))

_RUN = re.compile(rb'\{"kind":"\w+","run":(\d+)')


class NestingHost(Host):
    """`keepers` are asked in their order."""

    def __init__(
        self,
        commands: int,
        events: int,
        keepers: Sequence[Keeper],
        warming: Iterator[None] | None = None,
    ) -> None:
        super().__init__(commands, events, warming)
        self._keepers = keepers
        # By runs that the host was not warm for.
        self._told_before: list[tuple[Check, Imported, InnerHost | None]] = []

    @property
    def _inner(self) -> list[tuple[Keeper, InnerHost]]:
        return [(keeper, host) for keeper in self._keepers for host in keeper.hosts.values()]

    def _start(self, check: Check) -> None:
        self._start_with(self._keepers, check)

    def _start_with(self, keepers: Sequence[Keeper], check: Check) -> None:
        for keeper in keepers:
            host = keeper.host_for(check)
            if host is not None and self._started(check, host):
                return
        super()._start(check)

    def _started(self, check: Check, host: InnerHost) -> bool:
        try:
            host.send(check)
        except BrokenPipeError:
            return False  # killed from outside
        return True

    def _kill(self, kill: Kill) -> None:
        for _, host in self._inner:
            if kill.run in host.runs:
                host.send(kill)
                return
        super()._kill(kill)

    def _descriptors(self) -> list[int]:
        within = [each for _, host in self._inner for each in (host.commands, host.events)]
        return [*super()._descriptors(), *within]

    def _pass_on(self, check: Check, event: Message, line: bytes) -> None:
        if isinstance(event, Imported):
            self._note_imported(check, event, None)
            self._say_imported(line)
        elif isinstance(event, Traced):
            for keeper in self._keepers:
                keeper.traced(check, event)
        else:
            super()._pass_on(check, event, line)

    def _say_imported(self, line: bytes) -> None:
        """Tell the host around this one."""
        write_all(self._events, line + b"\n")

    def _note_imported(self, check: Check, event: Imported, host: InnerHost | None) -> None:
        """What this host has itself, once it is warm, need not be had ready."""
        if self._warming is not None:
            self._told_before.append((check, event, host))
            return
        elsewhere = {name: file for name, file in event.modules.items() if name not in sys.modules}
        for keeper in self._keepers:
            keeper.imported(check, replace(event, modules=elsewhere), host)

    def _warm_up(self) -> None:
        super()._warm_up()
        if self._warming is None:
            for told in self._told_before:
                self._note_imported(*told)
            self._told_before.clear()

    def _rest(self) -> None:
        super()._rest()
        if self._warming is None:
            self._make_next()

    # --- what the hosts within say ----------------------------------------------------------

    def _make_next(self) -> None:
        """Make ready what the next runs need, while none is at work."""
        at_work = any(run.check is not None for run in self._processes.values())
        if at_work or any(host.runs for _, host in self._inner):
            return
        for keeper in self._keepers:
            wanted = keeper.next()
            if wanted is not None:
                keeper.make_room()
                host = fork_inner(wanted, self._descriptors())
                keeper.hosts[host.pid] = host
                self._watch(host.events, functools.partial(self._read_host, keeper, host))

    def _read_host(self, keeper: Keeper, host: InnerHost) -> None:
        for line in self._lines_of(host):
            if not host.ready:
                host.ready = line + b"\n" == READY
                continue
            if number := _RUN.match(line):
                host.heard.add(int(number[1]))
            if line.startswith(_NOTED):
                self._note(keeper, host, line)
            else:
                write_all(self._events, line + b"\n")

    def _note(self, keeper: Keeper, host: InnerHost, line: bytes) -> None:
        event = wire.decode(line)
        if not isinstance(event, (Imported, Declined, Exited)) or event.run not in host.runs:
            return
        if isinstance(event, Imported):
            self._note_imported(host.runs[event.run], event, host)
            self._say_imported(line)
            return
        killed = event.run in host.killed
        check = host.over(event.run)
        if isinstance(event, Declined) and killed:
            self._say(Exited(event.run, -signal.SIGKILL))  # it is not wanted any more
        elif isinstance(event, Declined):
            self._say(Log(check.run, "debug", f"makes the model anew: {event.reason}"))
            keeper.declined(check, host)
            self._start_with([other for other in self._keepers if other is not keeper], check)
        else:
            write_all(self._events, line + b"\n")
            self._make_next()

    # --- ends -------------------------------------------------------------------------------

    def _reap(self) -> None:
        for keeper, host in self._inner:
            pid, status = os.waitpid(host.pid, os.WNOHANG)
            if pid:
                self._end_host(keeper, host, os.waitstatus_to_exitcode(status))
        super()._reap()

    def _children(self) -> set[int]:
        return {*super()._children(), *(host.pid for _, host in self._inner)}

    def _end_host(self, keeper: Keeper, host: InnerHost, status: int) -> None:
        if host.events in self._selector.get_map():
            self._read_host(keeper, host)
        self._forget(host.events)
        host.close()
        keeper.gone(host, status)
        for run, check in host.runs.items():
            if status == -signal.SIGKILL and run not in host.heard | host.killed:
                self._start(check)  # killed from outside before the run began
            else:
                self._say(Exited(run, status))

    def _end(self, run: ForkedRun, status: int) -> None:
        super()._end(run, status)
        self._make_next()
