"""Both sides of a question that nothing answers, each in a process of its own.

The fork goes on as if the answer were yes and hands its findings to the process that it came from,
which waits and then goes on as if it were no.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from export_lsp import wire
from export_lsp.protocol import Finding, Found
from export_lsp.wire import send
from export_lsp.worker.system import in_fork
from export_lsp.worker.system.exits import leave

# So many questions fork; after them the answer is no, up to a limit that ends endless loops.
FORKS = 3
GUESSES = 100

# Seconds that one side may take.
PATIENCE = 60.0

Report = Callable[[Finding], None]


class Branches:
    """The sides that were taken so far; `taken` says that there were any."""

    def __init__(self) -> None:
        self._forks = 0
        self._guesses = 0
        self._parent: int | None = None

    @property
    def taken(self) -> bool:
        return self._guesses > 0

    def take(self, report: Report) -> bool | None:
        """The side on which this process goes on; None if there were enough.

        `report` gets the findings of the other side, where that is another process.
        """
        self._guesses += 1
        if self._guesses > GUESSES:
            return None
        if not in_fork.CAN_FORK or self._forks >= FORKS:
            return False
        self._forks += 1
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            self._parent = writer
            return True
        os.close(writer)
        for line in in_fork.collect(pid, reader, PATIENCE).splitlines():
            message = wire.decode(line)
            if isinstance(message, Found):
                report(message.finding)
        return False

    def tell(self, finding: Finding, report: Report) -> None:
        """Report a finding: to the process that this one came from, if it came from one."""
        if self._parent is None:
            report(finding)
        else:
            send(self._parent, Found(0, finding))

    def end(self) -> None:
        """End a process that is one side of a question: the other one speaks for the run."""
        if self._parent is not None:
            leave(0)
