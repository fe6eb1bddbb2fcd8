"""An event loop in virtual time, so that tests of timing take no time and have no races.

Threads run in real time; the replacements here do their work on the loop instead.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class _Clock(selectors.DefaultSelector):
    """A selector that advances its clock instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise AssertionError("the loop waits for an event that never comes")
        self.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that jumps to the next timer when nothing is ready."""

    def __init__(self) -> None:
        self._virtual_clock = _Clock()
        super().__init__(self._virtual_clock)

    def time(self) -> float:
        return self._virtual_clock.now


async def to_thread_inline(function: Callable[..., Any], *args: Any) -> Any:
    """Replace `asyncio.to_thread`: call the function in the loop's next iteration."""
    await asyncio.sleep(0)
    return function(*args)


class InlineExecutor(Executor):
    """An executor that calls the function at once, in the caller's thread."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
