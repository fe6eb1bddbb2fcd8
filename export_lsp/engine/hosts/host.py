"""What every worker host offers, however it makes its runs."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from export_lsp.protocol import Check, Exited, Ready, RunEvent, Unusable

LogLine = Callable[[str, str], None]
"""Takes a level of the logging module ("debug" … "error") and a text."""


# Seconds that a host has to end a run and tell of it, before it counts as dead.
ANSWER = 10.0


class UnusableInterpreterError(Exception):
    """A check was asked of an interpreter that cannot check models; `unusable` says why."""

    def __init__(self, unusable: Unusable) -> None:
        super().__init__(unusable.message)
        self.unusable = unusable


class WorkerHost(ABC):
    """One interpreter, warm: checks are quick to start and end without harm to it."""

    def __init__(self, interpreter: Path, log: LogLine) -> None:
        self.interpreter = interpreter
        self._log = log
        self._events: dict[int, asyncio.Queue[RunEvent]] = {}

    @property
    @abstractmethod
    def alive(self) -> bool:
        """False once the host can take no more checks: open another."""

    @abstractmethod
    async def ready(self) -> Ready | Unusable:
        """Wait for the end of the warm-up and say how it went."""

    @abstractmethod
    async def kill(self, run: int, *, late: bool = False) -> None:
        """End a run at once; its `Exited` follows.  An unknown run is already gone.

        One that is `late` may be asked first where it is (`Reached`).
        """

    @abstractmethod
    def abandon(self) -> None:
        """End the host by force: it does not answer.  All its runs get their `Exited`."""

    @abstractmethod
    async def close(self) -> None:
        """End the host and every run of it, and wait until they are gone."""

    @abstractmethod
    async def _launch(self, check: Check) -> None: ...

    async def check(self, check: Check) -> AsyncGenerator[RunEvent, None]:
        """Carry out a check in a run of its own; the last event is its `Exited`.

        A consumer that leaves early (closes the generator) kills the run; closing returns when
        the run is gone, so its number may be used again.

        Raises:
            UnusableInterpreterError: there is no torch to check with.
        """
        outcome = await self.ready()
        if isinstance(outcome, Unusable):
            raise UnusableInterpreterError(outcome)
        queue: asyncio.Queue[RunEvent] = asyncio.Queue()
        self._events[check.run] = queue
        ended = False
        try:
            await self._launch(check)
            while not ended:
                event = await queue.get()
                ended = isinstance(event, Exited)
                yield event
        finally:
            try:
                if not ended:
                    await self.kill(check.run)
                    await self._see_end(queue)
            finally:
                del self._events[check.run]

    async def _see_end(self, queue: asyncio.Queue[RunEvent]) -> None:
        """Wait for the end of a run that was killed; a host that does not tell of it is ended."""
        seen = asyncio.ensure_future(_until_exited(queue))
        try:
            await asyncio.wait({seen}, timeout=ANSWER)
            if not seen.done():
                said = f"the worker host of {self.interpreter} does not answer, and is ended"
                self._log("warning", said)
                self.abandon()
            await seen
        finally:
            seen.cancel()

    def _deliver(self, event: RunEvent) -> None:
        if event.run in self._events:
            self._events[event.run].put_nowait(event)


async def _until_exited(queue: asyncio.Queue[RunEvent]) -> None:
    while not isinstance(await queue.get(), Exited):
        pass
