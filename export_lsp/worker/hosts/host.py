"""The worker host: warm, single-threaded, forks one run a check and carries what the runs say.

It never runs user code: what a snapshot is made of has run before.  One loop waits on the server's
commands, on the event and output pipes of the runs, and on SIGCHLD.  While nothing is checked it
warms up, step by step; once it is warm a spare run stands by, forked and rehearsed.
"""

from __future__ import annotations

import os
import select
import selectors
import signal
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from export_lsp import wire
from export_lsp.protocol import NO_RUN, Check, Exited, Kill, Log, Message, Output
from export_lsp.wire import LineSplitter, ProtocolError, send, write_all
from export_lsp.worker.hosts.forked_run import READY, ForkedRun, fork
from export_lsp.worker.hosts.warm_up import rehearse
from export_lsp.worker.places import last_location
from export_lsp.worker.system import limits

if TYPE_CHECKING:
    from export_lsp.worker.check.snapshot.model_snapshot import Snapshot

CHUNK = 1 << 16

# Checks that come before the host is warm start at once and pay for what is then missing; after so
# many of them warming up first is quicker.
COLD_STARTS = 2

# What a pipe may hold at most (Linux: /proc/sys/fs/pipe-max-size).
PIPE_SIZE = 1 << 20

# Seconds that ending what runs have left may take.
PATIENCE = 1.0

# Seconds that a run has to say where it is, and without a word after which it has said it.
ANSWER = 0.5
SILENCE = 0.05

# What a run prints goes to an editor's output channel: more than this nobody reads.
OUTPUT_LIMIT = 1 << 20


class Source(Protocol):
    """A process that writes events, line by line."""

    events: int
    lines: LineSplitter


class Host:
    """Serves what comes on `commands`, until those end; `warming` are the steps of the warm-up,
    `snapshot` is what the runs go on from."""

    def __init__(
        self,
        commands: int,
        events: int,
        warming: Iterator[None] | None = None,
        snapshot: Snapshot | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._commands = commands
        self._events = events
        self._pending = LineSplitter()
        self._processes: dict[int, ForkedRun] = {}
        self._spare: ForkedRun | None = None
        self._warming = warming
        self._cold_starts = 0
        self._selector = selectors.DefaultSelector()
        self._wake, self._wake_write = os.pipe()
        self._open = True

    def serve(self) -> None:
        limits.adopt_orphans()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._wake_write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        self._watch(self._wake, self._reap)
        self._watch(self._commands, self._read_commands)
        self._stand_by()
        try:
            while self._open:
                idle = self._warming is not None and not self._processes
                ready = self._selector.select(0 if idle else self._patience())
                self._end_late()
                if idle and not ready:
                    self._rest()
                for key, _ in ready:
                    # A callback may have closed what another key of the same round stands for, and
                    # a new run's descriptor may have the number since.
                    if self._selector.get_map().get(key.fd) is key:
                        key.data()
        except BrokenPipeError:
            pass  # the server is gone: leaving is all there is to do
        finally:
            self._end_all()

    def _end_all(self) -> None:
        """Leave no run behind, and nothing that one has left: that has this parent afterwards."""
        for run in self._processes.values():
            limits.kill_group(run.pid)
        deadline = time.monotonic() + PATIENCE
        limits.end_children()
        # The signal of a child's end wakes; waiting for one of them could last, if the system holds
        # it.
        while limits.children() and (left := deadline - time.monotonic()) > 0:
            select.select([self._wake], [], [], left)
            read(self._wake)
            limits.end_children()

    def _watch(self, descriptor: int, callback: Callable[[], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, callback)

    def _say(self, message: Message) -> None:
        send(self._events, message)

    # --- commands ---------------------------------------------------------------------------

    def _read_commands(self) -> None:
        data = os.read(self._commands, CHUNK)
        if not data:
            self._open = False
            return
        for line in self._pending.feed(data):
            try:
                command = wire.decode(line)
            except ProtocolError as error:
                self._say(Log(NO_RUN, "warning", f"the host was sent no command: {error}"))
                continue
            if isinstance(command, Check):
                self._start(command)
            elif isinstance(command, Kill):
                self._kill(command)

    def _rest(self) -> None:
        """What there is to do while nothing is checked."""
        self._warm_up()

    def _warm_up(self) -> None:
        """Take one step; after the last one a run stands by."""
        if self._warming is not None and next(self._warming, self) is self:
            self._warming = None
            self._stand_by()

    def _start(self, check: Check) -> None:
        self._cold_starts += self._warming is not None
        while self._warming is not None and self._cold_starts > COLD_STARTS:
            self._warm_up()
        try:
            self._take_spare().hand_over(check)
        except BrokenPipeError:
            self._fork(rehearsed=False).hand_over(check)

    def _kill(self, kill: Kill) -> None:
        for run in self._processes.values():
            if run.number != kill.run:
                continue
            run.unwanted = True
            if kill.late and not run.early:
                limits.signal_group(run.pid, last_location.REPORT_SIGNAL)
                run.deadline = time.monotonic() + ANSWER
            else:
                limits.kill_group(run.pid)

    def _read_stack(self, run: ForkedRun) -> None:
        data = read(run.stack)
        if data is None:
            self._forget(run.stack)
            return
        run.told += data[: CHUNK - len(run.told)]
        if run.deadline is not None:
            run.deadline = min(run.deadline, time.monotonic() + SILENCE)

    def _patience(self) -> float | None:
        """The seconds until a run that was asked where it is has had its time; None if none was."""
        deadlines = [run.deadline for run in self._processes.values() if run.deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _end_late(self) -> None:
        for run in self._processes.values():
            if run.deadline is not None and run.deadline <= time.monotonic():
                run.deadline = None
                limits.kill_group(run.pid)

    def _take_spare(self) -> ForkedRun:
        """The run that stands by; a new one if there is none or it is still rehearsing."""
        spare, self._spare = self._spare, None
        if spare is not None and spare.ready:
            return spare
        if spare is not None:
            limits.kill_group(spare.pid)
        return self._fork(rehearsed=False)

    def _stand_by(self) -> None:
        if not self._processes and self._warming is None:
            self._spare = self._fork(rehearsed=True)

    def _descriptors(self) -> list[int]:
        """What a fork of this process has to close."""
        own = [self._commands, self._events, self._wake, self._wake_write]
        for run in self._processes.values():
            own += [run.commands, run.events, run.output, run.stack]
        if isinstance(self._selector, selectors.EpollSelector):
            own.append(self._selector.fileno())
        return own

    def _fork(self, *, rehearsed: bool, early: bool = False) -> ForkedRun:
        rehearsal = rehearse if rehearsed else None
        run = fork(self._descriptors(), rehearsal, self._snapshot, early=early)
        self._processes[run.pid] = run
        self._watch(run.events, lambda: self._read_events(run))
        self._watch(run.output, lambda: self._read_output(run))
        self._watch(run.stack, lambda: self._read_stack(run))
        return run

    # --- what the runs say ------------------------------------------------------------------

    def _lines_of(self, source: Source) -> list[bytes]:
        """The complete lines that a process has written by now."""
        data = read(source.events)
        if data is None:
            self._forget(source.events)
            return []
        return source.lines.feed(data)

    def _read_events(self, run: ForkedRun) -> None:
        for line in self._lines_of(run):
            if run.check is None:
                run.ready = run.ready or line + b"\n" == READY
            else:
                run.heard = True
                self._forward(run.check, line)

    def _forward(self, check: Check, line: bytes) -> None:
        try:
            event = wire.decode(line)
        except ProtocolError as error:
            self._say(Log(check.run, "warning", f"the run wrote no message: {error}"))
            return
        if getattr(event, "run", None) == check.run:
            self._pass_on(check, event, line)

    def _pass_on(self, check: Check, event: Message, line: bytes) -> None:
        write_all(self._events, line + b"\n")

    def _read_output(self, run: ForkedRun) -> None:
        data = read(run.output)
        if data is None:
            self._forget(run.output)
            return
        if run.number is None or run.early:
            return  # torch's warnings about the models of the rehearsal, or what is printed twice
        room = OUTPUT_LIMIT - run.printed
        run.printed += len(data)
        if room > 0:
            self._say(Output(run.number, run.decoder.decode(data[:room])))

    def _forget(self, descriptor: int) -> None:
        if descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)

    # --- ends -------------------------------------------------------------------------------

    def _reap(self) -> None:
        read(self._wake)
        for run in list(self._processes.values()):
            pid, status = os.waitpid(run.pid, os.WNOHANG)
            if pid:
                self._end(run, os.waitstatus_to_exitcode(status))
        if not any(run.check is not None for run in self._processes.values()):
            limits.end_children(self._children())

    def _children(self) -> set[int]:
        """The children that are this host's own; others were left by runs."""
        return set(self._processes)

    def _end(self, run: ForkedRun, status: int) -> None:
        limits.kill_group(run.pid)  # what the run started must not outlive it
        for descriptor, take in (
            (run.events, self._read_events),
            (run.output, self._read_output),
            (run.stack, self._read_stack),
        ):
            # As much as a pipe holds, not all there is: a process that left the group may go on.
            for _ in range(PIPE_SIZE // CHUNK):
                if descriptor in self._selector.get_map():
                    take(run)
            self._forget(descriptor)
        run.close()
        del self._processes[run.pid]
        if run is self._spare:
            self._spare = None  # killed from outside: the next check forks for itself
        if run.number is None:
            return
        if run.check is not None and _was_lost(run, status):
            self._fork(rehearsed=False).hand_over(run.check)
            return
        if not run.early:
            self._say_ended(run, run.number, status)
        self._stand_by()

    def _say_ended(self, run: ForkedRun, number: int, status: int) -> None:
        if run.printed > OUTPUT_LIMIT:
            dropped = run.printed - OUTPUT_LIMIT
            self._say(Output(number, f"\n[{dropped} more bytes of output dropped]\n"))
        if status < 0 and run.check is not None and run.told:
            told = run.told.decode(errors="replace")
            place = last_location.last_location(told, run.check)
            if place is not None:
                self._say(place)
            self._say(Log(number, "info", f"where the run was when it ended:\n{told}"))
        self._say(Exited(number, status))


def _was_lost(run: ForkedRun, status: int) -> bool:
    """Whether a run was killed from outside before it began: while it stood by, mostly, and its
    pipe took the check all the same."""
    killed = status == -signal.SIGKILL
    return killed and not (run.heard or run.unwanted or run.early or run.printed)


def read(descriptor: int) -> bytes | None:
    """What can be read now; None at the end.  A descriptor with nothing to say gives b""."""
    try:
        return os.read(descriptor, CHUNK) or None
    except BlockingIOError:
        return b""
