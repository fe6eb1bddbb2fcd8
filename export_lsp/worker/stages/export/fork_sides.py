"""Follow both sides of a question that has no answer, each in a process of its own.

The forked process continues with the answer yes and sends its findings to its parent. The parent
waits for it, then continues with the answer no.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from export_lsp import wire
from export_lsp.protocol import Finding, Found
from export_lsp.wire import send
from export_lsp.worker.system.forked_call import CAN_FORK, read_from_fork
from export_lsp.worker.system.process_exit import exit_now

# Questions that fork; later ones are answered with no.
MAX_FORKS = 3

# Questions that get an answer at all: a loop might ask forever.
MAX_ANSWERS = 100

# Seconds that a forked process may take.
TIMEOUT = 60.0

Report = Callable[[Finding], None]


class ForkSides:
    """The sides that this process follows, and where its findings go.

    `report` is called with findings in the first process, which is not forked here.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._forks = 0
        self._answers = 0
        self._parent: int | None = None

    @property
    def taken(self) -> bool:
        """True if a side was chosen before, so that the trace may differ from eager mode."""
        return self._answers > 0

    def choose(self, report_other: Report) -> bool | None:
        """Return the side that this process follows; None after too many questions.

        If a forked process follows the other side, `report_other` is called with its findings.
        """
        self._answers += 1
        if self._answers > MAX_ANSWERS:
            return None
        if not CAN_FORK or self._forks >= MAX_FORKS:
            return False
        self._forks += 1
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            self._parent = writer
            return True
        os.close(writer)
        for line in read_from_fork(pid, reader, TIMEOUT).splitlines():
            message = wire.decode(line)
            if isinstance(message, Found):
                report_other(message.finding)
        return False

    def report(self, finding: Finding) -> None:
        """Report a finding; in a forked process, send it to the parent."""
        if self._parent is None:
            self._report(finding)
        else:
            send(self._parent, Found(0, finding))

    def exit_if_forked(self) -> None:
        """Exit a forked process, whose trace is over; the first process continues the check."""
        if self._parent is not None:
            exit_now(0)
