"""The worker host: warm, single-threaded, forks one run a check and carries what the runs say.

It never runs user code.  One loop waits on the server's commands, on the event and output pipes
of the runs, and on SIGCHLD.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from export_lsp import protocol
from export_lsp.protocol import Check, Exited, Kill, Log, Message, Output, ProtocolError, Ready
from export_lsp.worker import limits
from export_lsp.worker.boot import private_descriptor
from export_lsp.worker.warm import warm_up

CHUNK = 1 << 16

# What a run prints goes to an editor's output channel: more than this nobody reads.
OUTPUT_LIMIT = 1 << 20


@dataclass
class Run:
    """A forked run as the host sees it."""

    number: int
    pid: int
    events: int
    output: int
    line: bytearray = field(default_factory=bytearray)
    printed: int = 0


def serve(commands: int, events: int) -> None:
    """Answer the server until it closes the command pipe; then leave no run behind."""
    outcome = warm_up(fork=True)
    write(events, outcome)
    if isinstance(outcome, Ready):
        Host(commands, events).serve()


def write(descriptor: int, message: Message) -> None:
    write_all(descriptor, protocol.encode(message))


def write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


class Host:
    def __init__(self, commands: int, events: int) -> None:
        self._commands = commands
        self._events = events
        self._pending = bytearray()
        self._runs: dict[int, Run] = {}
        self._selector = selectors.DefaultSelector()
        self._open = True

    def serve(self) -> None:
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        os.set_blocking(wake_read, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        self._watch(wake_read, lambda: self._reap(wake_read))
        self._watch(self._commands, self._read_commands)
        try:
            while self._open:
                for key, _ in self._selector.select():
                    # A callback may have closed what another key of the same round stands for.
                    if key.fd in self._selector.get_map():
                        key.data()
        except BrokenPipeError:
            pass  # the server is gone: leaving is all there is to do
        finally:
            for run in self._runs.values():
                limits.kill_group(run.pid)

    def _watch(self, descriptor: int, callback: Callable[[], None]) -> None:
        self._selector.register(descriptor, selectors.EVENT_READ, callback)

    def _say(self, message: Message) -> None:
        write(self._events, message)

    # --- commands ---------------------------------------------------------------------------

    def _read_commands(self) -> None:
        data = os.read(self._commands, CHUNK)
        if not data:
            self._open = False
            return
        self._pending += data
        for line in _take_lines(self._pending):
            command = protocol.decode(line)
            if isinstance(command, Check):
                self._start(command)
            elif isinstance(command, Kill) and command.run in self._runs:
                limits.kill_group(self._runs[command.run].pid)

    def _start(self, check: Check) -> None:
        events_read, events_write = os.pipe()
        output_read, output_write = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._become_run(check, events_write, output_write)
        os.close(events_write)
        os.close(output_write)
        limits.own_group(pid)
        run = Run(check.run, pid, events_read, output_read)
        for descriptor in (events_read, output_read):
            os.set_blocking(descriptor, False)
        self._runs[check.run] = run
        self._watch(events_read, lambda: self._read_events(run))
        self._watch(output_read, lambda: self._read_output(run))

    def _become_run(self, check: Check, events: int, output: int) -> NoReturn:
        """In the child: shed all that is the host's, check, and leave without cleaning up."""
        status = 70  # EX_SOFTWARE: what is seen when our own code fails below
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            limits.own_group(0)
            limits.die_with_parent()
            self._selector.close()
            private = private_descriptor(events)
            os.dup2(output, 1)
            os.dup2(output, 2)
            inherited = {self._commands, self._events, events, output}
            inherited.update(d for run in self._runs.values() for d in (run.events, run.output))
            for descriptor in inherited:
                os.close(descriptor)
            from export_lsp.worker.run import run_check

            status = run_check(check, lambda event: write(private, event))
        finally:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None and not stream.closed:
                    stream.flush()
            os._exit(status)

    # --- what the runs say ------------------------------------------------------------------

    def _read_events(self, run: Run) -> None:
        data = _read(run.events)
        if data is None:
            self._forget(run.events)
            return
        run.line += data
        for line in _take_lines(run.line):
            try:
                event = protocol.decode(line)
            except ProtocolError as error:
                self._say(Log(run.number, "warning", f"the run wrote no message: {error}"))
                continue
            if getattr(event, "run", None) == run.number:
                write_all(self._events, line + b"\n")

    def _read_output(self, run: Run) -> None:
        data = _read(run.output)
        if data is None:
            self._forget(run.output)
            return
        room = OUTPUT_LIMIT - run.printed
        run.printed += len(data)
        if room > 0:
            self._say(Output(run.number, data[:room].decode("utf-8", "replace")))

    def _forget(self, descriptor: int) -> None:
        if descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)

    # --- ends -------------------------------------------------------------------------------

    def _reap(self, wake: int) -> None:
        _read(wake)
        for run in list(self._runs.values()):
            pid, status = os.waitpid(run.pid, os.WNOHANG)
            if pid:
                self._end(run, os.waitstatus_to_exitcode(status))

    def _end(self, run: Run, status: int) -> None:
        limits.kill_group(run.pid)  # what the run started must not outlive it
        for descriptor, read in ((run.events, self._read_events), (run.output, self._read_output)):
            while descriptor in self._selector.get_map() and _ready(descriptor):
                read(run)
            self._forget(descriptor)
            os.close(descriptor)
        if run.printed > OUTPUT_LIMIT:
            dropped = run.printed - OUTPUT_LIMIT
            self._say(Output(run.number, f"\n[{dropped} more bytes of output dropped]\n"))
        del self._runs[run.number]
        self._say(Exited(run.number, status))


def _take_lines(buffer: bytearray) -> list[bytes]:
    """Remove the complete lines from the buffer's front and return them."""
    *lines, rest = bytes(buffer).split(b"\n")
    buffer[:] = rest
    return lines


def _read(descriptor: int) -> bytes | None:
    """What can be read now; None at the end.  A descriptor with nothing to say gives b""."""
    try:
        return os.read(descriptor, CHUNK) or None
    except BlockingIOError:
        return b""


def _ready(descriptor: int) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(0))
