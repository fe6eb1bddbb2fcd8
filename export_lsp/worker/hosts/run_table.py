"""The runs that a host has forked: start them, read their pipes, kill them, report their ends."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from export_lsp import wire
from export_lsp.protocol import Check, Exited, Kill, Launched, Log, Message, Output
from export_lsp.wire import ProtocolError
from export_lsp.worker.hosts.event_loop import EventLoop
from export_lsp.worker.hosts.forked_run import READY, ForkedRun, fork_run
from export_lsp.worker.hosts.upstream import Upstream
from export_lsp.worker.hosts.warm_up import rehearse
from export_lsp.worker.places import last_location
from export_lsp.worker.system import processes
from export_lsp.worker.system.descriptors import CHUNK, read_available

if TYPE_CHECKING:
    from export_lsp.worker.check.snapshot.model_snapshot import Snapshot

# The bytes that a pipe holds at most (Linux: /proc/sys/fs/pipe-max-size).
PIPE_SIZE = 1 << 20

# The seconds a run has for writing its stack, and the pause after which the stack is complete.
STACK_SECONDS = 0.5
STACK_PAUSE = 0.05

# The bytes of output that are forwarded from each run, to an output channel of the editor.
OUTPUT_LIMIT = 1 << 20

OnEvent = Callable[[Check, Message, bytes], None]
"""Receives a run's check, an event of that run, and the line that encodes the event."""


class RunTable:
    """The runs forked from this process, including the spare one.

    `on_event` receives the events of the runs; their output and their ends go straight to
    `upstream`.  `inherited` returns the descriptors that a fork of this process has to close.
    Runs continue from `snapshot` if there is one.
    """

    def __init__(
        self,
        loop: EventLoop,
        upstream: Upstream,
        *,
        on_event: OnEvent,
        inherited: Callable[[], list[int]],
        snapshot: Snapshot | None = None,
    ) -> None:
        self._loop = loop
        self._upstream = upstream
        self._on_event = on_event
        self._inherited = inherited
        self._snapshot = snapshot
        self._runs: dict[int, ForkedRun] = {}
        self._spare: ForkedRun | None = None

    @property
    def is_empty(self) -> bool:
        return not self._runs

    @property
    def is_checking(self) -> bool:
        """True while a run other than the spare one exists."""
        return any(run.check is not None for run in self._runs.values())

    def pids(self) -> set[int]:
        return set(self._runs)

    def descriptors(self) -> list[int]:
        return [descriptor for run in self._runs.values() for descriptor in run.descriptors()]

    # --- starting ---------------------------------------------------------------------------

    def start(self, check: Check) -> None:
        """Give a check to the spare run, or to a new run if none is ready."""
        run = self._take_spare()
        try:
            run.assign(check)
        except BrokenPipeError:
            run = self._fork()
            run.assign(check)
        self._upstream.send(Launched(check.run, run.pid))

    def start_early(self, check: Check) -> None:
        """Fork a run that traces the edited submodules while another one carries out the check."""
        with contextlib.suppress(BrokenPipeError):  # killed from outside: the other run goes on
            self._fork(early=True).assign(check)

    def fork_spare(self) -> None:
        """Fork a run for the next check and let it rehearse."""
        self._spare = self._fork(rehearsed=True)

    def _take_spare(self) -> ForkedRun:
        spare, self._spare = self._spare, None
        if spare is not None and spare.ready:
            return spare
        if spare is not None:
            processes.kill_group(spare.pid)
        return self._fork()

    def _fork(self, *, rehearsed: bool = False, early: bool = False) -> ForkedRun:
        rehearsal = rehearse if rehearsed else None
        run = fork_run(self._inherited(), rehearsal, self._snapshot, early=early)
        self._runs[run.pid] = run
        for descriptor, read in self._readers(run):
            self._loop.watch(descriptor, read)
        return run

    # --- killing ----------------------------------------------------------------------------

    def kill(self, kill: Kill) -> None:
        """Kill the runs of a check; if the kill is late, ask for the stack first."""
        for run in self._runs.values():
            if run.number != kill.run:
                continue
            run.kill_requested = True
            if kill.late and not run.early:
                processes.signal_group(run.pid, last_location.REPORT_SIGNAL)
                run.deadline = time.monotonic() + STACK_SECONDS
            else:
                processes.kill_group(run.pid)

    def kill_all(self) -> None:
        for run in self._runs.values():
            processes.kill_group(run.pid)

    def seconds_to_deadline(self) -> float | None:
        """Return the seconds until `kill_overdue` has something to do; None without a deadline."""
        deadlines = [run.deadline for run in self._runs.values() if run.deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def kill_overdue(self) -> None:
        """Kill the runs that were asked for their stack and have had their time."""
        for run in self._runs.values():
            if run.deadline is not None and run.deadline <= time.monotonic():
                run.deadline = None
                processes.kill_group(run.pid)

    # --- reading ----------------------------------------------------------------------------

    def _readers(self, run: ForkedRun) -> list[tuple[int, Callable[[], None]]]:
        """Return the descriptors to read from, each with the function that reads it once."""
        return [
            (run.events, functools.partial(self._read_events, run)),
            (run.output, functools.partial(self._read_output, run)),
            (run.stack, functools.partial(self._read_stack, run)),
        ]

    def _read_events(self, run: ForkedRun) -> None:
        data = read_available(run.events)
        if data is None:
            self._loop.unwatch(run.events)
            return
        for line in run.lines.feed(data):
            if run.check is None:
                run.ready = run.ready or line + b"\n" == READY
            else:
                run.has_reported = True
                self._receive(run.check, line)

    def _receive(self, check: Check, line: bytes) -> None:
        try:
            event = wire.decode(line)
        except ProtocolError as error:
            text = f"the run wrote a line that is not a message: {error}"
            self._upstream.send(Log(check.run, "warning", text))
            return
        if getattr(event, "run", None) == check.run:
            self._on_event(check, event, line)

    def _read_output(self, run: ForkedRun) -> None:
        data = read_available(run.output)
        if data is None:
            self._loop.unwatch(run.output)
            return
        # A spare run prints torch's warnings about the rehearsal, an early run what the other run
        # of its check prints as well.
        if run.number is None or run.early:
            return
        room = OUTPUT_LIMIT - run.printed
        run.printed += len(data)
        if room > 0:
            self._upstream.send(Output(run.number, run.decoder.decode(data[:room])))

    def _read_stack(self, run: ForkedRun) -> None:
        data = read_available(run.stack)
        if data is None:
            self._loop.unwatch(run.stack)
            return
        run.stack_text += data[: CHUNK - len(run.stack_text)]
        if run.deadline is not None:
            run.deadline = min(run.deadline, time.monotonic() + STACK_PAUSE)

    # --- ends -------------------------------------------------------------------------------

    def reap(self) -> list[ForkedRun]:
        """Report and return the runs whose processes have ended."""
        ended: list[ForkedRun] = []
        for run in list(self._runs.values()):
            pid, status = os.waitpid(run.pid, os.WNOHANG)
            if pid:
                self._end(run, os.waitstatus_to_exitcode(status))
                ended.append(run)
        return ended

    def _end(self, run: ForkedRun, status: int) -> None:
        if not run.early:
            self._end_early_runs(run.number)
        processes.kill_group(run.pid)  # what the run started must not outlive it
        self._read_rest(run)
        run.close()
        del self._runs[run.pid]
        if run is self._spare:
            self._spare = None  # killed from outside: the next check forks its own run
        if run.check is None:
            return
        if run.was_lost(status):
            self.start(run.check)
        elif not run.early:
            self._report_end(run, run.check, status)

    def _end_early_runs(self, number: int | None) -> None:
        for run in self._runs.values():
            if run.early and run.number == number:
                processes.kill_group(run.pid)
                self._loop.unwatch(run.events)  # findings are late once the check has ended

    def _read_rest(self, run: ForkedRun) -> None:
        """Read what an ended run has left in its pipes."""
        for descriptor, read in self._readers(run):
            # No more than a pipe holds: a process that has left the group may go on writing.
            for _ in range(PIPE_SIZE // CHUNK):
                if self._loop.is_watched(descriptor):
                    read()
            self._loop.unwatch(descriptor)

    def _report_end(self, run: ForkedRun, check: Check, status: int) -> None:
        if run.printed > OUTPUT_LIMIT:
            dropped = run.printed - OUTPUT_LIMIT
            text = f"\n[{dropped} more bytes of output dropped]\n"
            self._upstream.send(Output(check.run, text))
        if status < 0 and run.stack_text:
            stack = run.stack_text.decode(errors="replace")
            place = last_location.last_location(stack, check)
            if place is not None:
                self._upstream.send(place)
            text = f"the stack of the run when it ended:\n{stack}"
            self._upstream.send(Log(check.run, "info", text))
        self._upstream.send(Exited(check.run, status))
