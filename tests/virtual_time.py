"""An event loop whose clock does not wait, so that tests of timing take no time and never race.

Threads would run in real time, so what they would do is done on the loop as well.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class _Clock(selectors.DefaultSelector):
    """A selector that advances its time where it would wait."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise AssertionError("the loop waits for an event that never comes")
        self.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop in virtual time: it jumps to the next timer when nothing is ready."""

    def __init__(self) -> None:
        self._virtual_clock = _Clock()
        super().__init__(self._virtual_clock)

    def time(self) -> float:
        return self._virtual_clock.now


async def to_thread_inline(function: Callable[..., Any], *args: Any) -> Any:
    """Do in the next turn of the loop what `asyncio.to_thread` would do in a thread."""
    await asyncio.sleep(0)
    return function(*args)


class InlineExecutor(Executor):
    """Does in its caller what a thread would do."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
