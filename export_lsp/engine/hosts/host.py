"""The interface of worker hosts, and what both kinds of host have in common."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from export_lsp.engine.hosts.exit_status import FLOODED
from export_lsp.engine.hosts.processor_time import processor_time
from export_lsp.engine.hosts.volume import Volume
from export_lsp.protocol import Check, Exited, Ready, RunEvent, Unusable

LogLine = Callable[[str, str], None]
"""Logs a text at a level of the logging module ("debug" … "error")."""

# Seconds in which a host must end a run and report that, before it counts as dead.
KILL_TIMEOUT = 10.0


class UnusableInterpreterError(Exception):
    """The interpreter cannot check models; `unusable` says why, `str()` is for the user."""

    def __init__(self, unusable: Unusable) -> None:
        super().__init__(unusable.message)
        self.unusable = unusable


class WorkerHost(ABC):
    """Carries out checks with one interpreter, in which torch is imported already.

    A check neither waits for that nor does it harm the host, however it ends.
    """

    def __init__(self, interpreter: Path, log: LogLine) -> None:
        self.interpreter = interpreter
        self._log = log
        self._events: dict[int, asyncio.Queue[RunEvent]] = {}
        self._volumes: dict[int, Volume] = {}
        # The runs that have sent too much, and the tasks that kill them.
        self._flooded: dict[int, asyncio.Future[None]] = {}
        self._pids: dict[int, int] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    @abstractmethod
    def alive(self) -> bool:
        """False once the host can carry out no more checks."""

    @abstractmethod
    async def ready(self) -> Ready | Unusable:
        """Wait until the warm-up has ended, and return its outcome."""

    @abstractmethod
    async def kill(self, run: int, *, late: bool = False) -> None:
        """Kill a run; its `Exited` follows.  A number of no run is ignored: the run has ended.

        With `late` the run may first report the user's code that it is in (`Reached`).
        """

    @abstractmethod
    def abandon(self) -> None:
        """Kill a host that does not respond.  Each of its runs gets its `Exited`."""

    @abstractmethod
    async def close(self) -> None:
        """End the host and all its runs, and wait until they are gone."""

    @abstractmethod
    async def _launch(self, check: Check) -> None:
        """Start the run of a check; its events are given to `_deliver`."""

    async def retire(self) -> None:
        """Wait until no check goes on, and end the host."""
        await self._idle.wait()
        await self.close()

    def processor_time(self, run: int) -> float | None:
        """Return the seconds of processor time that a run and what it has started have used.

        Returns:
            None if that is not known: the run has not begun, or the system does not say.
        """
        pid = self._pids.get(run)
        return processor_time(pid) if pid is not None else None

    async def check(self, check: Check) -> AsyncGenerator[RunEvent, None]:
        """Carry out a check in a run of its own, and yield its events; the last is its `Exited`.

        Closing the generator early kills the run, and returns when the run is gone, so that its
        number may be used again.

        Raises:
            UnusableInterpreterError: The interpreter cannot check models.
        """
        outcome = await self.ready()
        if isinstance(outcome, Unusable):
            raise UnusableInterpreterError(outcome)
        queue: asyncio.Queue[RunEvent] = asyncio.Queue()
        self._events[check.run] = queue
        self._volumes[check.run] = Volume()
        self._idle.clear()
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
                    await self._wait_for_exit(queue)
            finally:
                del self._events[check.run], self._volumes[check.run]
                self._flooded.pop(check.run, None)
                self._pids.pop(check.run, None)
                if not self._events:
                    self._idle.set()

    async def _wait_for_exit(self, queue: asyncio.Queue[RunEvent]) -> None:
        """Wait until a killed run has ended; a host that does not report that is abandoned."""
        exit_seen = asyncio.ensure_future(_until_exited(queue))
        try:
            await asyncio.wait({exit_seen}, timeout=KILL_TIMEOUT)
            if not exit_seen.done():
                line = f"the worker host of {self.interpreter} does not respond and is killed"
                self._log("warning", line)
                self.abandon()
            await exit_seen
        finally:
            exit_seen.cancel()

    def _launched(self, run: int, pid: int) -> None:
        """Record the process of a run, unless its consumer has gone."""
        if run in self._events:
            self._pids[run] = pid

    def _deliver(self, event: RunEvent, size: int = 0) -> None:
        """Pass an event of this many bytes to the consumer of its run, if it still has one.

        A run that sends too much is killed, and its exit status becomes `FLOODED`.
        """
        run = event.run
        if run not in self._events:
            return
        if isinstance(event, Exited):
            event = Exited(run, FLOODED) if run in self._flooded else event
        elif run in self._flooded:
            return
        elif not self._volumes[run].add(event, size):
            self._flooded[run] = asyncio.ensure_future(self.kill(run))
            return
        self._events[run].put_nowait(event)


async def _until_exited(queue: asyncio.Queue[RunEvent]) -> None:
    while not isinstance(await queue.get(), Exited):
        pass
