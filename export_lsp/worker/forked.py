"""A forked run: the process on one side, the host's hold on it on the other."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from export_lsp import protocol
from export_lsp.protocol import Check, Message
from export_lsp.worker import limits
from export_lsp.worker.boot import private_descriptor

READY = b"\n"


@dataclass
class ForkedRun:
    """A process that waits for its one `Check`, or carries it out.

    `number` is the check's, None while it waits; `ready` says that it has rehearsed.
    """

    pid: int
    commands: int
    events: int
    output: int
    number: int | None = None
    ready: bool = False
    line: bytearray = field(default_factory=bytearray)
    printed: int = 0

    def hand_over(self, check: Check) -> None:
        """Give the process its check."""
        self.number = check.run
        write(self.commands, check)

    def close(self) -> None:
        for descriptor in (self.commands, self.events, self.output):
            os.close(descriptor)


def write(descriptor: int, message: Message) -> None:
    write_all(descriptor, protocol.encode(message))


def write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def fork(inherited: Iterable[int], rehearse: Callable[[], None] | None) -> ForkedRun:
    """A new run, waiting.  It closes the descriptors in `inherited`, which are the host's.

    `rehearse` is called in it first and makes it `ready`: a process that has exported something
    since it was forked has its own copies of the memory that exporting touches.
    """
    commands_read, commands_write = os.pipe()
    events_read, events_write = os.pipe()
    output_read, output_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        for descriptor in (*inherited, commands_write, events_read, output_read):
            os.close(descriptor)
        _become_run(commands_read, events_write, output_write, rehearse)
    for descriptor in (commands_read, events_write, output_write):
        os.close(descriptor)
    limits.own_group(pid)
    for descriptor in (events_read, output_read):
        os.set_blocking(descriptor, False)
    return ForkedRun(pid, commands_write, events_read, output_read)


def _become_run(
    commands: int, events: int, output: int, rehearse: Callable[[], None] | None
) -> NoReturn:
    """In the child: shed what is left of the host, wait, check, leave without cleaning up."""
    status = 70  # EX_SOFTWARE: what is seen when our own code fails below
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        limits.own_group(0)
        limits.die_with_parent()
        private = private_descriptor(events)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(events)
        os.close(output)
        if rehearse is not None:
            rehearse()
            write_all(private, READY)
        with os.fdopen(commands, "rb") as lines:
            line = lines.readline()
        if line:
            status = _carry_out(line, private)
    finally:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and not stream.closed:
                stream.flush()
        os._exit(status)


def _carry_out(line: bytes, events: int) -> int:
    from export_lsp.worker.run import run_check

    check = protocol.decode(line)
    if not isinstance(check, Check):
        raise TypeError(f"a run was sent {check!r}")
    return run_check(check, lambda event: write(events, event))
