"""The host that forks: one host process stays, and every run is forked from it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from export_lsp.engine.hosts.host import LogLine, WorkerHost
from export_lsp.engine.hosts.process import WorkerProcess
from export_lsp.protocol import (
    NO_RUN,
    Check,
    Exited,
    Kill,
    Launched,
    Log,
    Message,
    Ready,
    RunEvent,
    Unusable,
)


class ForkHost(WorkerHost):
    """Carries out each check in a process forked from one host process."""

    def __init__(self, interpreter: Path, log: LogLine) -> None:
        super().__init__(interpreter, log)
        self._status = 0  # the exit status of the host process, once it has ended
        self._process = WorkerProcess(
            interpreter,
            "host",
            log=log,
            on_message=self._receive,
            on_print=lambda text: log("info", text.rstrip("\n")),
            on_exit=self._ended,
        )

    @property
    def alive(self) -> bool:
        return self._process.alive

    async def ready(self) -> Ready | Unusable:
        return await self._process.ready()

    async def kill(self, run: int, *, late: bool = False) -> None:
        await self._process.send(Kill(run, late))

    def abandon(self) -> None:
        self._process.kill()

    async def close(self) -> None:
        await self._process.close()

    async def _launch(self, check: Check) -> None:
        if self.alive:
            await self._process.send(check)
        else:
            self._deliver(Exited(check.run, self._status))

    def _receive(self, message: Message, size: int) -> None:
        if isinstance(message, Log) and message.run == NO_RUN:
            self._log(message.level, message.text)
        elif isinstance(message, Launched):
            self._launched(message.run, message.pid)
        elif isinstance(message, get_args(RunEvent)):
            self._deliver(message, size)

    def _ended(self, status: int) -> None:
        self._status = status
        for run in list(self._events):
            self._deliver(Exited(run, status))
