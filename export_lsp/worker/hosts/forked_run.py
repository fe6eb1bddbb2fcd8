"""A forked run: the child process that carries out one check, and the host's handle of it."""

from __future__ import annotations

import codecs
import os
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from export_lsp.protocol import INTERNAL_ERROR, Check
from export_lsp.wire import LineSplitter, send, write_all
from export_lsp.worker.hosts.event_loop import stop_watching_children
from export_lsp.worker.hosts.single_check import check_and_exit
from export_lsp.worker.places import last_location
from export_lsp.worker.system import processes
from export_lsp.worker.system.descriptors import private_descriptor
from export_lsp.worker.system.process_exit import exit_now
from export_lsp.worker.system.process_title import set_process_title

if TYPE_CHECKING:
    from export_lsp.worker.check.snapshot.model_snapshot import Snapshot

# The line that a child process writes once it is prepared.
READY = b"\n"


@dataclass
class ForkedRun:
    """A host's handle of a run, which waits for its one check or carries it out.

    `commands`, `events`, `output` and `stack` are the host's ends of the pipes; the run writes its
    stack to the last one if it dies of a fatal signal, or when asked.

    `check` is None while the run is a spare; `ready` is set once it has rehearsed.  An `early` run
    traces the edited submodules beside the run that has the same check.  `has_reported` is set by
    its first event, `kill_requested` by a `Kill`.  A run that was asked for its stack is killed at
    `deadline`, in seconds of `time.monotonic`.
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
    stack_text: bytearray = field(default_factory=bytearray)
    has_reported: bool = False
    kill_requested: bool = False
    deadline: float | None = None
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def assign(self, check: Check) -> None:
        """Send the run its check.

        Raises:
            BrokenPipeError: the process was killed while it waited.
        """
        send(self.commands, check)
        self.check = check

    @property
    def number(self) -> int | None:
        """The number of the check; None for a spare run."""
        return self.check.run if self.check is not None else None

    def was_lost(self, status: int) -> bool:
        """Return whether something outside killed the run, which has ended, before its check began.

        Mostly that happens to a spare run, whose pipe still takes a check afterwards.  `status` is
        the exit status.
        """
        has_begun = self.has_reported or self.printed
        was_killed = status == -signal.SIGKILL and not self.kill_requested
        return was_killed and not has_begun and not self.early

    def descriptors(self) -> tuple[int, ...]:
        return self.commands, self.events, self.output, self.stack

    def close(self) -> None:
        for descriptor in self.descriptors():
            os.close(descriptor)


def fork_run(
    inherited: Iterable[int],
    rehearse: Callable[[], None] | None,
    snapshot: Snapshot | None = None,
    *,
    early: bool = False,
) -> ForkedRun:
    """Fork a run that waits for its check.

    The run closes the descriptors in `inherited`, which belong to the host.  It calls `rehearse`
    first and is `ready` afterwards: exporting something gives the process its own copies of the
    memory that an export writes to, so that the check does not pay for them.  `snapshot` is the
    model that the check continues from.
    """
    commands_read, commands_write = os.pipe()
    events_read, events_write = os.pipe()
    output_read, output_write = os.pipe()
    stack_read, stack_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        for descriptor in (*inherited, commands_write, events_read, output_read, stack_read):
            os.close(descriptor)
        ends = _RunEnds(commands_read, events_write, output_write, stack_write)
        _become_run(ends, rehearse, snapshot, early)
    for descriptor in (commands_read, events_write, output_write, stack_write):
        os.close(descriptor)
    processes.start_group(pid)
    for descriptor in (events_read, output_read, stack_read):
        os.set_blocking(descriptor, False)
    return ForkedRun(pid, commands_write, events_read, output_read, stack_read, early)


@dataclass(frozen=True)
class _RunEnds:
    """The run's ends of the pipes between it and its host."""

    commands: int
    events: int
    output: int
    stack: int


def _become_run(
    ends: _RunEnds,
    rehearse: Callable[[], None] | None,
    snapshot: Snapshot | None,
    early: bool,
) -> NoReturn:
    """In the child: wait for the check, carry it out, exit."""
    try:
        stop_watching_children()
        processes.start_group(0)
        processes.die_with_parent()
        set_process_title("spare")
        events, stack = private_descriptor(ends.events), private_descriptor(ends.stack)
        os.dup2(ends.output, 1)
        os.dup2(ends.output, 2)
        for descriptor in (ends.events, ends.output, ends.stack):
            os.close(descriptor)
        last_location.report_on_signal(stack)
        if rehearse is not None:
            rehearse()
            write_all(events, READY)
        with os.fdopen(ends.commands, "rb") as lines:
            line = lines.readline()
        if line:
            set_process_title("early" if early else "run")
            check_and_exit(line, events, snapshot, early=early)
    finally:
        exit_now(INTERNAL_ERROR)
