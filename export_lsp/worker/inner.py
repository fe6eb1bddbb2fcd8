"""Hosts within a host: processes that have more in them, from which the runs of some files fork.

A `Keeper` knows which there are, and what they are for; the host that they are in carries out what
it says (`nesting.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from export_lsp.protocol import Check, Command, Imported
from export_lsp.worker import limits
from export_lsp.worker.forked import READY
from export_lsp.worker.once import leave, write, write_all
from export_lsp.worker.recipe import Recipe

Serve = Callable[[int, int], None]
"""Serves a host on the descriptors of its commands and events."""

Make = Callable[[], "Serve | None"]
"""Makes in a new process what its runs fork from; None if they cannot."""


@dataclass
class InnerHost:
    """The hold that a host has on one within it."""

    pid: int
    commands: int
    events: int
    recipe: Recipe
    stamps: list[float | None]
    file: str = ""
    ready: bool = False
    ended: bool = False
    runs: dict[int, Check] = field(default_factory=dict)
    line: bytearray = field(default_factory=bytearray)

    def send(self, command: Command) -> None:
        """Hand on a command of the server.

        Raises:
            BrokenPipeError: the process is gone.
        """
        write(self.commands, command)
        if isinstance(command, Check):
            self.runs[command.run] = command

    def holds(self) -> bool:
        """Whether what it has imported is what there is to import."""
        return self.stamps == self.recipe.stamps()

    def end(self) -> None:
        self.ended = True
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


class Keeper(Protocol):
    """Decides about the hosts within of one kind."""

    hosts: dict[int, InnerHost]

    def host_for(self, check: Check) -> InnerHost | None:
        """The one that the run of a check is to fork from."""

    def imported(self, check: Check, imported: Imported, host: InnerHost | None) -> None:
        """A run of this check, forked from a host within or not, tells what it has imported."""

    def declined(self, check: Check, host: InnerHost) -> None:
        """The run of this check cannot go on from what the host has."""

    def next(self) -> Wanted | None:
        """What is to be made now; room is made for it."""

    def gone(self, host: InnerHost) -> None:
        """A host has ended."""


def fork_inner(wanted: Wanted, inherited: Iterable[int]) -> InnerHost:
    """A host that makes what is wanted and then serves; it closes the descriptors in `inherited`,
    which are those of the host around it."""
    stamps = wanted.recipe.stamps()
    commands_read, commands_write = os.pipe()
    events_read, events_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            limits.own_group(0)
            limits.die_with_parent()
            for descriptor in (*inherited, commands_write, events_read):
                os.close(descriptor)
            serve = wanted.make()
            if serve is not None:
                write_all(events_write, READY)
                serve(commands_read, events_write)
        finally:
            leave(0)
    for descriptor in (commands_read, events_write):
        os.close(descriptor)
    limits.own_group(pid)
    os.set_blocking(events_read, False)
    return InnerHost(pid, commands_write, events_read, wanted.recipe, stamps, wanted.file)
