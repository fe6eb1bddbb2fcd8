"""Who may run: as many at once as there are cores and memory for, the most urgent first."""

from __future__ import annotations

import asyncio
import enum
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

# Bytes a run is taken to need that has not been seen.
UNKNOWN_MEMORY = 1 << 30
# The part of the machine's memory that runs may have together; the first may have more.
MEMORY_PART = 0.5


class Urgency(enum.IntEnum):
    """Whose turn comes first; within one, who has asked first."""

    SHOWN = enum.auto()
    UNSEEN = enum.auto()
    TRIAL = enum.auto()


@dataclass(frozen=True)
class Need:
    """What a run needs: bytes, and a GPU that it has for itself, "" if it needs none."""

    urgency: Urgency
    memory: int = UNKNOWN_MEMORY
    gpu: str = ""


class Slot:
    """The right to one run."""

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back: Callable[[], None] | None = give_back

    def release(self) -> None:
        """Let another run have it; saying so twice changes nothing."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()


Turn = asyncio.Future[None]


class Slots:
    """`count` runs may be alive at once, which need no more than `memory` bytes together."""

    def __init__(self, count: int, memory: float = float("inf")) -> None:
        self.count = count
        self._memory = memory
        self._running: list[Need] = []
        self._waiting: list[tuple[Need, Turn]] = []

    @classmethod
    def of_this_machine(cls) -> Slots:
        """As many as leave a core to the user; two where there is but one."""
        return cls(max(2, (os.cpu_count() or 1) - 1), MEMORY_PART * _physical_memory())

    @asynccontextmanager
    async def taken(self, need: Need) -> AsyncIterator[Slot]:
        """Waits for a slot, which is had until it is released or left."""
        turn: Turn = asyncio.get_running_loop().create_future()
        slot = Slot(lambda: self._release(need))
        self._waiting.append((need, turn))
        self._waiting.sort(key=lambda waiting: waiting[0].urgency)
        self._grant()
        try:
            await turn
            yield slot
        finally:
            # One whose wait was cancelled may have had its turn all the same.
            if turn.done() and not turn.cancelled():
                slot.release()

    def _release(self, need: Need) -> None:
        self._running.remove(need)
        self._grant()

    def _grant(self) -> None:
        self._waiting = [each for each in self._waiting if not each[1].done()]
        for need, turn in self._waiting:
            if len(self._running) >= self.count or not self._has_memory(need):
                return  # who is less urgent or needs less does not overtake
            if not need.gpu or all(need.gpu != other.gpu for other in self._running):
                self._running.append(need)
                turn.set_result(None)

    def _has_memory(self, need: Need) -> bool:
        used = sum(other.memory for other in self._running)
        return not self._running or used + need.memory <= self._memory


def _physical_memory() -> float:
    """In bytes; no bound where it is not told (Windows)."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return float("inf")
