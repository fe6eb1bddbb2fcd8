"""Slots bound the runs that are alive at once, by the machine's cores and memory."""

from __future__ import annotations

import asyncio
import enum
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

# Bytes that a run is expected to need before one of its owner has finished.
UNKNOWN_MEMORY = 1 << 30
# The share of the machine's memory that runs may take together, beside an editor and in a batch.
MEMORY_SHARE = 0.5
BATCH_MEMORY_SHARE = 0.8


class Urgency(enum.IntEnum):
    """Which waiting runs get a slot first; among equals the first to ask comes first."""

    SHOWN = enum.auto()
    """Runs of files that are open in the editor."""
    UNSEEN = enum.auto()
    """Runs of other files."""
    TRIAL = enum.auto()
    """Trials of fixes."""


@dataclass(frozen=True)
class Need:
    """The resources that a run needs: bytes of memory, and a GPU for itself, "" for none."""

    urgency: Urgency
    memory: int = UNKNOWN_MEMORY
    gpu: str = ""


class Slot:
    """The right to one run."""

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back: Callable[[], None] | None = give_back

    def release(self) -> None:
        """Free the slot for another run; releasing it again does nothing."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()


_Turn = asyncio.Future[None]


class Slots:
    """Grants slots, the most urgent need first.

    Less urgent needs never overtake a waiting one, except one that waits only for its GPU.

    Args:
        count: How many runs may be alive at once.
        memory: The bytes that they may need together.  A run that is alone may need more.
    """

    def __init__(self, count: int, memory: float = float("inf")) -> None:
        self.count = count
        self._memory = memory
        self._running: list[Need] = []
        self._waiting: list[tuple[Need, _Turn]] = []

    @classmethod
    def of_this_machine(cls) -> Slots:
        """Return slots that leave a core to the user, but at least two."""
        return cls(max(2, (os.cpu_count() or 1) - 1), MEMORY_SHARE * _physical_memory())

    @classmethod
    def for_batch(cls, count: int) -> Slots:
        """Return this many slots for a batch, which may have most of the machine's memory."""
        return cls(count, BATCH_MEMORY_SHARE * _physical_memory())

    @asynccontextmanager
    async def taken(self, need: Need) -> AsyncIterator[Slot]:
        """Context manager that waits for a slot and holds it until its end or its release."""
        turn: _Turn = asyncio.get_running_loop().create_future()
        slot = Slot(lambda: self._release(need))
        self._waiting.append((need, turn))
        self._waiting.sort(key=lambda waiting: waiting[0].urgency)
        self._grant()
        try:
            await turn
            yield slot
        finally:
            # A wait may be cancelled after its turn has come.
            if turn.done() and not turn.cancelled():
                slot.release()

    def _release(self, need: Need) -> None:
        self._running.remove(need)
        self._grant()

    def _grant(self) -> None:
        self._waiting = [(need, turn) for need, turn in self._waiting if not turn.done()]
        for need, turn in self._waiting:
            if len(self._running) >= self.count or not self._has_memory(need):
                return
            if not need.gpu or all(need.gpu != other.gpu for other in self._running):
                self._running.append(need)
                turn.set_result(None)

    def _has_memory(self, need: Need) -> bool:
        used = sum(other.memory for other in self._running)
        return not self._running or used + need.memory <= self._memory


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _physical_memory() -> float:
    """Return the machine's memory in bytes, infinity where the system does not say (Windows)."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return float("inf")
