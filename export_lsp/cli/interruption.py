"""What ends a check early: Ctrl-C, SIGTERM, or the time that it was given."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from export_lsp.cli.cannot_run import CannotRun

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# Added to the number of a signal, as shells do.
_BY_SIGNAL = 128


@dataclass(frozen=True)
class Cause:
    """The cause of an early end, in words, and the exit status that it leads to."""

    name: str
    exit_code: int


class Interruption:
    """Comes at most once; `cause` is None before."""

    def __init__(self) -> None:
        self.cause: Cause | None = None
        self._came = asyncio.Event()

    def come(self, cause: Cause) -> None:
        """End the check early."""
        if self.cause is None:
            self.cause = cause
            self._came.set()

    async def wait(self) -> None:
        """Wait until it comes."""
        await self._came.wait()


@asynccontextmanager
async def interruption(max_time: float | None) -> AsyncIterator[Interruption]:
    """Context manager whose value comes with Ctrl-C or SIGTERM, or after `max_time`.

    A second signal ends the process as it does by default.

    Args:
        max_time: Seconds; None for no limit.
    """
    loop = asyncio.get_running_loop()
    coming = Interruption()
    handled = []

    def receive(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)
        name = "Ctrl-C" if number == signal.SIGINT else number.name
        coming.come(Cause(name, _BY_SIGNAL + number))

    for number in _SIGNALS:
        # On Windows it is not implemented: Ctrl-C ends the process without a report.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, receive, number)
            handled.append(number)
    timer = None
    if max_time is not None:
        over = Cause(f"--max-time {max_time:g}", CannotRun.exit_code)
        timer = loop.call_later(max_time, coming.come, over)
    try:
        yield coming
    finally:
        if timer is not None:
            timer.cancel()
        for number in handled:
            loop.remove_signal_handler(number)
