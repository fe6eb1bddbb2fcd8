"""What waits to be written: bounded, so that a client that does not read costs no memory.

The event loop puts messages in and never waits.  A thread takes them out and writes, and another
that reads from the client stops while much is waiting: a client that does not read is not answered
more.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

# All in bytes.  Above the first nothing more is read from the client, and logged text is dropped.
HIGH_WATER = 4 * 2**20
LIMIT = 64 * 2**20
# So much is written at once, if it is there.
BATCH = 2**16


class StalledError(Exception):
    """More is waiting than the client will ever read."""


class Outbox:
    """A queue of messages between threads.  `dropped` counts what was optional and left out.

    While no more than `crowded` bytes are waiting, nothing takes the place of anything: a client
    that reads is told of every state.
    """

    def __init__(
        self, high_water: int = HIGH_WATER, limit: int = LIMIT, crowded: int = BATCH
    ) -> None:
        self._high_water = high_water
        self._limit = limit
        self._crowded = crowded
        self._waiting: OrderedDict[int, tuple[bytes, Hashable]] = OrderedDict()
        self._newest: dict[Hashable, int] = {}
        self._size = 0
        self._number = 0
        self._closed = False
        self._changed = threading.Condition()
        self.dropped = 0

    @property
    def size(self) -> int:
        """How many bytes are waiting."""
        return self._size

    def put(self, message: bytes, replaces: Hashable = None, *, optional: bool = False) -> None:
        """Queue a message; in a crowd it takes the place of the last with the same `replaces`.

        One that is `optional` is left out while much is waiting.  After `close` nothing is queued.

        Raises:
            StalledError: The limit is exceeded.
        """
        with self._changed:
            if self._closed:
                return
            if optional and self._size > self._high_water:
                self.dropped += 1
                return
            last = self._newest.get(replaces)
            if last is not None and self._size > self._crowded:
                self._remove(last)
            self._number += 1
            self._waiting[self._number] = message, replaces
            if replaces is not None:
                self._newest[replaces] = self._number
            self._size += len(message)
            if self._size > self._limit:
                raise StalledError(f"{self._size} bytes wait for a client that does not read")
            self._changed.notify_all()

    def take(self) -> bytes | None:
        """The oldest messages, once there are any; None after the last one."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            batch = bytearray()
            while self._waiting and len(batch) < BATCH:
                batch += self._remove(next(iter(self._waiting)))
            self._changed.notify_all()
            return bytes(batch) or None

    def _remove(self, number: int) -> bytes:
        message, replaces = self._waiting.pop(number)
        self._size -= len(message)
        if self._newest.get(replaces) == number:
            del self._newest[replaces]
        return message

    def wait_for_room(self) -> None:
        """Wait while much is waiting."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._size <= self._high_water)

    def close(self, *, discard: bool = False) -> None:
        """Take no more; what is waiting can still be taken unless it is discarded."""
        with self._changed:
            self._closed = True
            if discard:
                self._waiting.clear()
                self._newest.clear()
                self._size = 0
            self._changed.notify_all()
