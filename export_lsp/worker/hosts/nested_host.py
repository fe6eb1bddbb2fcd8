"""Hosts within a host: processes that have more in them, from which the runs of some files fork.

A `Keeper` knows which there are, and what they are for; the host that they are in carries out what
it says (`nesting.py`).
"""

from __future__ import annotations

import gc
import os
import signal
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from export_lsp.protocol import Check, Command, Imported, Kill, Traced
from export_lsp.wire import LineSplitter, send, write_all
from export_lsp.worker.check.snapshot.files_changed import FilesChangedError
from export_lsp.worker.hosts.forked_run import READY
from export_lsp.worker.hosts.import_set import Recipe
from export_lsp.worker.system import limits
from export_lsp.worker.system.descriptors import private_descriptor
from export_lsp.worker.system.exits import leave

Serve = Callable[[int, int], None]
"""Serves a host on the descriptors of its commands and events."""

Make = Callable[[], "Serve | None"]
"""Makes in a new process what its runs fork from; None if they cannot.

Raises:
    FilesChangedError: what there was to make it of is not there any more.
"""

# The exit status of a process that could not make what it was to make of what is there now.
CHANGED = 75  # EX_TEMPFAIL in sysexits.h


@dataclass
class InnerHost:
    """The hold that a host has on one within it.

    `killed` are runs whose end has been asked for, `heard` those that have said something.  One
    that has `ended` gets no further run.
    """

    pid: int
    commands: int
    events: int
    recipe: Recipe
    stamps: list[float | None]
    file: str = ""
    ready: bool = False
    ended: bool = False
    runs: dict[int, Check] = field(default_factory=dict)
    killed: set[int] = field(default_factory=set)
    heard: set[int] = field(default_factory=set)
    lines: LineSplitter = field(default_factory=LineSplitter)

    def send(self, command: Command) -> None:
        """Hand on a command of the server.

        Raises:
            BrokenPipeError: the process is gone.
        """
        send(self.commands, command)
        if isinstance(command, Check):
            self.runs[command.run] = command
        elif isinstance(command, Kill):
            self.killed.add(command.run)

    def over(self, run: int) -> Check:
        """Forget a run, whose check this is."""
        self.killed.discard(run)
        self.heard.discard(run)
        check = self.runs.pop(run)
        if self.ended:
            self.end()
        return check

    def holds(self) -> bool:
        """Whether what it has imported is what there is to import."""
        return self.stamps == self.recipe.stamps()

    def end(self) -> None:
        """End the process, once no run of it is under way."""
        self.ended = True
        if not self.runs:
            limits.kill_group(self.pid)

    def close(self) -> None:
        for descriptor in (self.commands, self.events):
            os.close(descriptor)


@dataclass(frozen=True)
class Wanted:
    """A host within that is to be made, for whatever files or for one."""

    recipe: Recipe
    make: Make
    file: str = ""


class Keeper(ABC):
    """Decides about the hosts within of one kind, of which it keeps so many at `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.hosts: dict[int, InnerHost] = {}

    @abstractmethod
    def host_for(self, check: Check) -> InnerHost | None:
        """The one that the run of a check is to fork from."""

    @abstractmethod
    def imported(self, check: Check, imported: Imported, host: InnerHost | None) -> None:
        """A run of this check, forked from a host within or not, tells what it has imported."""

    @abstractmethod
    def traced(self, check: Check, traced: Traced) -> None:
        """A run of this check, not forked from a host within, tells what submodules were called
        with."""

    @abstractmethod
    def next(self) -> Wanted | None:
        """What is to be made now."""

    @abstractmethod
    def declined(self, check: Check, host: InnerHost) -> None:
        """The run of this check cannot go on from what the host has."""

    def gone(self, host: InnerHost, status: int) -> None:
        """A host has ended, with this exit status."""
        del self.hosts[host.pid]
        if not host.ready and not host.ended and status != CHANGED:
            self._refuse(host)

    @abstractmethod
    def _refuse(self, host: InnerHost) -> None:
        """What never became ready is not to be made again."""

    def make_room(self) -> None:
        """End the idle ones that were used longest ago, so that there may be one more."""
        idle = [host for host in self.hosts.values() if not host.runs]
        for host in idle[: max(0, len(self.hosts) + 1 - self._most)]:
            host.end()

    def _alive(self) -> Iterator[InnerHost]:
        return (host for host in self.hosts.values() if not host.ended)

    def _used(self, host: InnerHost, check: Check) -> InnerHost | None:
        """A host for a check, if it is ready, is made for its surroundings, and still holds."""
        if not host.ready or not host.recipe.fits(check):
            return None
        if not host.holds():
            host.end()
            return None
        self.hosts[host.pid] = self.hosts.pop(host.pid)  # the one used last stands last
        return host


def fork_inner(wanted: Wanted, inherited: Iterable[int]) -> InnerHost:
    """A host that makes what is wanted and then serves; it closes the descriptors in `inherited`,
    which are those of the host around it."""
    stamps = wanted.recipe.stamps()
    commands_read, commands_write = os.pipe()
    events_read, events_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        for descriptor in (*inherited, commands_write, events_read):
            os.close(descriptor)
        _become_host(wanted.make, commands_read, events_write)
    for descriptor in (commands_read, events_write):
        os.close(descriptor)
    limits.own_group(pid)
    os.set_blocking(events_read, False)
    return InnerHost(pid, commands_write, events_read, wanted.recipe, stamps, wanted.file)


def _become_host(make: Make, commands: int, events: int) -> NoReturn:
    """In the child: shed what is left of the host around, make, serve."""
    try:
        limits.own_group(0)
        limits.die_with_parent()
        # Its descriptor is closed: a signal would be written to whatever gets the number now.
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # Out of the way of what is imported, which may write to descriptors by number.
        moved = [private_descriptor(descriptor) for descriptor in (commands, events)]
        log = private_descriptor(2)
        for descriptor in (commands, events):
            os.close(descriptor)
        serve = _made(make, log)
        os.close(log)
        if serve is not None:
            write_all(moved[1], READY)
            serve(*moved)
    except FilesChangedError:
        leave(CHANGED)
    finally:
        leave(0)


def _made(make: Make, log: int) -> Serve | None:
    process = os.getpid()
    try:
        serve = make()
    except FilesChangedError:
        raise
    except BaseException:  # what user code raises is met where it is called: this is ours
        write_all(log, traceback.format_exc().encode(errors="backslashreplace"))
        return None
    if os.getpid() != process:
        leave(0)  # what was imported forked, and the child came back as well
    gc.collect()
    gc.freeze()
    return serve if _can_be_forked() else None


def _can_be_forked() -> bool:
    """Neither CUDA nor any thread but the one that forks survives a fork."""
    import torch  # late: the host is up before torch is

    alone = len(os.listdir("/proc/self/task")) == 1 and not limits.children()
    return alone and not torch.cuda.is_initialized()
