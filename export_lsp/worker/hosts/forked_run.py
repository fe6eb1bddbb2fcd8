"""A forked run: the process on one side, the host's hold on it on the other."""

from __future__ import annotations

import codecs
import os
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from export_lsp.protocol import INTERNAL_ERROR, Check
from export_lsp.wire import LineSplitter, send, write_all
from export_lsp.worker.hosts.single_check import check_once
from export_lsp.worker.places import last_location
from export_lsp.worker.system import limits
from export_lsp.worker.system.descriptors import private_descriptor
from export_lsp.worker.system.exits import leave
from export_lsp.worker.system.process_title import call_this

if TYPE_CHECKING:
    from export_lsp.worker.check.snapshot.model_snapshot import Snapshot

READY = b"\n"


@dataclass
class ForkedRun:
    """A process that waits for its one `Check`, or carries it out.

    `check` is None while it waits; `ready` says that it has rehearsed.  One that is `early` is
    beside the run of the same check.  `heard` says that it has said something, `unwanted` that its
    end was asked for.  On `stack` it tells where it was if it comes to a bad end;
    once it is asked for that it has until `deadline`.
    """

    pid: int
    commands: int
    events: int
    output: int
    stack: int
    early: bool = False
    check: Check | None = None
    ready: bool = False
    lines: LineSplitter = field(default_factory=LineSplitter)
    printed: int = 0
    told: bytearray = field(default_factory=bytearray)
    heard: bool = False
    unwanted: bool = False
    deadline: float | None = None
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def hand_over(self, check: Check) -> None:
        """Give the process its check.

        Raises:
            BrokenPipeError: it was killed while it stood by.
        """
        send(self.commands, check)
        self.check = check

    @property
    def number(self) -> int | None:
        """The check's number."""
        return self.check.run if self.check is not None else None

    def close(self) -> None:
        for descriptor in (self.commands, self.events, self.output, self.stack):
            os.close(descriptor)


def fork(
    inherited: Iterable[int],
    rehearse: Callable[[], None] | None,
    snapshot: Snapshot | None = None,
    *,
    early: bool = False,
) -> ForkedRun:
    """A new run, waiting.  It closes the descriptors in `inherited`, which are the host's.

    `rehearse` is called in it first and makes it `ready`: a process that has exported something
    since it was forked has its own copies of the memory that exporting touches.  `snapshot` is what
    the forking process has made for its runs.
    """
    commands_read, commands_write = os.pipe()
    events_read, events_write = os.pipe()
    output_read, output_write = os.pipe()
    stack_read, stack_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        for descriptor in (*inherited, commands_write, events_read, output_read, stack_read):
            os.close(descriptor)
        ends = Ends(commands_read, events_write, output_write, stack_write)
        _become_run(ends, rehearse, snapshot, early)
    for descriptor in (commands_read, events_write, output_write, stack_write):
        os.close(descriptor)
    limits.own_group(pid)
    for descriptor in (events_read, output_read, stack_read):
        os.set_blocking(descriptor, False)
    return ForkedRun(pid, commands_write, events_read, output_read, stack_read, early)


@dataclass(frozen=True)
class Ends:
    """A run's own ends of the pipes between it and the host."""

    commands: int
    events: int
    output: int
    stack: int


def _become_run(
    ends: Ends,
    rehearse: Callable[[], None] | None,
    snapshot: Snapshot | None,
    early: bool,
) -> NoReturn:
    """In the child: shed what is left of the host, wait, check, leave without cleaning up."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        limits.own_group(0)
        limits.die_with_parent()
        call_this("spare")
        private, stack = private_descriptor(ends.events), private_descriptor(ends.stack)
        os.dup2(ends.output, 1)
        os.dup2(ends.output, 2)
        for descriptor in (ends.events, ends.output, ends.stack):
            os.close(descriptor)
        last_location.report_on_signal(stack)
        if rehearse is not None:
            rehearse()
            write_all(private, READY)
        with os.fdopen(ends.commands, "rb") as lines:
            line = lines.readline()
        if line:
            call_this("early" if early else "run")
            check_once(line, private, snapshot, early=early)
    finally:
        leave(INTERNAL_ERROR)
