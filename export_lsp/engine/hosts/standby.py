"""The host without fork: a standby process is kept warm, and each check uses one up."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from export_lsp.engine.hosts.host import LogLine, WorkerHost
from export_lsp.engine.hosts.process import WorkerProcess
from export_lsp.protocol import (
    Check,
    Exited,
    Message,
    Output,
    Ready,
    RunEvent,
    Unusable,
)


class StandbyHost(WorkerHost):
    """Carries out each check in the standby process, and starts the next one."""

    def __init__(self, interpreter: Path, log: LogLine) -> None:
        super().__init__(interpreter, log)
        self._runs: dict[int, StandbyRun] = {}
        self._closed = False
        self._next = StandbyRun(self)

    @property
    def alive(self) -> bool:
        return not self._closed and (self._next.process.alive or self._usable)

    @property
    def _usable(self) -> bool:
        return not isinstance(self._next.process.outcome, Unusable)

    async def ready(self) -> Ready | Unusable:
        if not self._next.process.alive and self._usable:
            self._next = StandbyRun(self)  # the standby process was killed from outside
        return await self._next.process.ready()

    async def kill(self, run: int, *, late: bool = False) -> None:
        if run in self._runs:
            self._runs[run].process.kill()

    def abandon(self) -> None:
        for run in [*self._runs.values(), self._next]:
            run.process.kill()

    async def close(self) -> None:
        self._closed = True
        for run in [*self._runs.values(), self._next]:
            run.process.kill()
            await run.process.close()

    async def _launch(self, check: Check) -> None:
        run, self._next = self._next, StandbyRun(self)
        run.number = check.run
        self._runs[check.run] = run
        if run.process.pid is not None:
            self._launched(check.run, run.process.pid)
        await run.process.send(check)

    def printed(self, run: int | None, text: str) -> None:
        """A process has written to stderr; `run` is None while it stands by."""
        if run is None:
            self._log("info", text.rstrip("\n"))
        else:
            self._deliver(Output(run, text))

    def receive(self, message: Message, size: int) -> None:
        """A process has sent a message of this many bytes."""
        if isinstance(message, get_args(RunEvent)):
            self._deliver(message, size)

    def ended(self, run: int | None, status: int) -> None:
        """A process has ended."""
        if run is not None:
            self._runs.pop(run, None)
            self._deliver(Exited(run, status))


class StandbyRun:
    """A standby process; `number` is that of its run, None while it stands by."""

    def __init__(self, host: StandbyHost) -> None:
        self.number: int | None = None
        self.process = WorkerProcess(
            host.interpreter,
            "standby",
            log=host._log,
            on_message=host.receive,
            on_print=lambda text: host.printed(self.number, text),
            on_exit=lambda status: host.ended(self.number, status),
        )
