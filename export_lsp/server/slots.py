"""Who may run: at most so many runs at once, and trials of fixes only where no check waits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager


class Slot:
    """The right to one run."""

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back: Callable[[], None] | None = give_back

    def release(self) -> None:
        """Let another run have it; saying so twice changes nothing."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()


class Slots:
    """`count` runs may be alive at once; each kind of waiters has its turns in order."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._checks: deque[asyncio.Future[None]] = deque()
        self._trials: deque[asyncio.Future[None]] = deque()

    def check(self) -> AbstractAsyncContextManager[Slot]:
        """A slot for a check."""
        return self._taken(self._checks)

    def trial(self) -> AbstractAsyncContextManager[Slot]:
        """A slot for a trial, once no check waits for one."""
        return self._taken(self._trials)

    @asynccontextmanager
    async def _taken(self, waiting: deque[asyncio.Future[None]]) -> AsyncIterator[Slot]:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        slot = Slot(self._release)
        waiting.append(turn)
        self._grant()
        try:
            await turn
            yield slot
        finally:
            # One whose wait was cancelled may have had its turn all the same.
            if turn.done() and not turn.cancelled():
                slot.release()

    def _release(self) -> None:
        self._free += 1
        self._grant()

    def _grant(self) -> None:
        for waiting in (self._checks, self._trials):
            while waiting and self._free:
                turn = waiting.popleft()
                if not turn.done():
                    self._free -= 1
                    turn.set_result(None)
