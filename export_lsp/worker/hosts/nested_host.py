"""A nested host: a fork of a host that prepares itself and then forks runs of its own."""

from __future__ import annotations

import gc
import os
import traceback
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from export_lsp.protocol import Check, Command, Kill
from export_lsp.wire import LineSplitter, send, write_all
from export_lsp.worker.check.snapshot.errors import FilesChangedError
from export_lsp.worker.hosts.event_loop import stop_watching_children
from export_lsp.worker.hosts.forked_run import READY
from export_lsp.worker.hosts.import_set import ImportSet
from export_lsp.worker.system import processes
from export_lsp.worker.system.descriptors import private_descriptor
from export_lsp.worker.system.process_exit import exit_now

HostMain = Callable[[int, int], None]
"""Serves a host until its commands end, given the descriptors of its commands and its events."""

Prepare = Callable[[], "HostMain | None"]
"""Imports modules or builds a model, in a new process, for its runs to start with.

Returns how to serve the host, or None if runs cannot start with that.

Raises:
    FilesChangedError: the user's files have changed since a run imported and built them.
"""

# The exit status of a process whose preparation raised `FilesChangedError`.
CHANGED = 75  # EX_TEMPFAIL in sysexits.h


@dataclass(frozen=True)
class HostPlan:
    """A nested host to fork.

    `key` identifies it among those of its kind, `imports` are the modules that it depends on, and
    `prepare` is called in the new process.
    """

    key: Hashable
    imports: ImportSet
    prepare: Prepare


@dataclass
class NestedHost:
    """A host's handle of a nested host.

    `commands` and `events` are the descriptors to write commands to and to read events from.
    It is `ready` once it is prepared, and takes no more checks once it has `retired`.

    `runs` are the checks that it was sent and whose end it has not reported, by their numbers.
    `killed` holds the numbers of those that were sent a `Kill`, `reported` of those that have
    reported an event.
    """

    pid: int
    commands: int
    events: int
    key: Hashable
    imports: ImportSet
    ready: bool = False
    retired: bool = False
    runs: dict[int, Check] = field(default_factory=dict)
    killed: set[int] = field(default_factory=set)
    reported: set[int] = field(default_factory=set)
    lines: LineSplitter = field(default_factory=LineSplitter)

    def send(self, command: Command) -> None:
        """Send a command that the server has sent.

        Raises:
            BrokenPipeError: the process is gone.
        """
        send(self.commands, command)
        if isinstance(command, Check):
            self.runs[command.run] = command
        elif isinstance(command, Kill):
            self.killed.add(command.run)

    def forget(self, run: int) -> Check:
        """Forget a run that has ended and return its check."""
        self.killed.discard(run)
        self.reported.discard(run)
        check = self.runs.pop(run)
        if self.retired:
            self.retire()
        return check

    def retire(self) -> None:
        """Take no more checks, and end the process once its runs have ended."""
        self.retired = True
        if not self.runs:
            processes.kill_group(self.pid)

    def descriptors(self) -> tuple[int, ...]:
        return self.commands, self.events

    def close(self) -> None:
        for descriptor in self.descriptors():
            os.close(descriptor)


def fork_nested_host(plan: HostPlan, inherited: Iterable[int]) -> NestedHost:
    """Fork a host that prepares itself as planned, reports that it is ready, and serves.

    The new process closes the descriptors in `inherited`, which belong to the host it is forked
    from.
    """
    commands_read, commands_write = os.pipe()
    events_read, events_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        for descriptor in (*inherited, commands_write, events_read):
            os.close(descriptor)
        _become_host(plan.prepare, commands_read, events_write)
    for descriptor in (commands_read, events_write):
        os.close(descriptor)
    processes.start_group(pid)
    os.set_blocking(events_read, False)
    return NestedHost(pid, commands_write, events_read, plan.key, plan.imports)


def _become_host(prepare: Prepare, commands: int, events: int) -> NoReturn:
    """In the child: prepare, serve, exit."""
    try:
        stop_watching_children()
        processes.start_group(0)
        processes.die_with_parent()
        # Imported modules may write to descriptors by number.
        moved = [private_descriptor(descriptor) for descriptor in (commands, events)]
        log = private_descriptor(2)
        for descriptor in (commands, events):
            os.close(descriptor)
        serve = _prepared(prepare, log)
        os.close(log)
        if serve is not None:
            write_all(moved[1], READY)
            serve(*moved)
    except FilesChangedError:
        exit_now(CHANGED)
    finally:
        exit_now(0)


def _prepared(prepare: Prepare, log: int) -> HostMain | None:
    process = os.getpid()
    try:
        serve = prepare()
    except FilesChangedError:
        raise
    except BaseException:  # failures of user code are handled where it is called: this is ours
        write_all(log, traceback.format_exc().encode(errors="backslashreplace"))
        return None
    if os.getpid() != process:
        exit_now(0)  # an imported module forked, and its child returned here as well
    gc.collect()
    gc.freeze()
    return serve if _can_be_forked() else None


def _can_be_forked() -> bool:
    """Return whether forks of this process are sound: CUDA and other threads do not survive one."""
    import torch  # here: hosts are imported before it is known whether torch can be

    alone = len(os.listdir("/proc/self/task")) == 1 and not processes.child_pids()
    return alone and not torch.cuda.is_initialized()
