"""Messages that wait to be written, bounded: a client that does not read costs no memory.

The event loop puts messages in and never blocks.  The writer thread takes them out.  The reader
thread pauses while many bytes wait, so a client that does not read gets no further answers.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

# All in bytes.  Above this the reader pauses and optional messages are dropped.
HIGH_WATER = 4 * 2**20
# Above this the client is taken to have stalled.
LIMIT = 64 * 2**20
# The size at which a batch for one write is full.
BATCH = 2**16


class StalledError(Exception):
    """More bytes wait than the limit allows: the client does not read."""


class Outbox:
    """A queue of messages between threads.

    Above `crowded` waiting bytes a message supersedes an older one with the same key; below, a
    client that reads gets every state.  `dropped` counts the optional messages that were dropped.
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
        """The number of waiting bytes."""
        return self._size

    def put(self, message: bytes, key: Hashable = None, *, optional: bool = False) -> None:
        """Queue a message; do nothing after `close`.

        Args:
            message: The bytes to write.
            key: In a crowd, the last waiting message with the same key is dropped.
            optional: Drop the message if more than the high-water mark is waiting.

        Raises:
            StalledError: The limit is exceeded.
        """
        with self._changed:
            if self._closed:
                return
            if optional and self._size > self._high_water:
                self.dropped += 1
                return
            last = self._newest.get(key)
            if last is not None and self._size > self._crowded:
                self._remove(last)
            self._number += 1
            self._waiting[self._number] = message, key
            if key is not None:
                self._newest[key] = self._number
            self._size += len(message)
            if self._size > self._limit:
                raise StalledError(f"{self._size} bytes wait for a client that does not read")
            self._changed.notify_all()

    def take(self) -> bytes | None:
        """Block until messages wait, and return the oldest; None once closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            batch = bytearray()
            while self._waiting and len(batch) < BATCH:
                batch += self._remove(next(iter(self._waiting)))
            self._changed.notify_all()
            return bytes(batch) or None

    def _remove(self, number: int) -> bytes:
        message, key = self._waiting.pop(number)
        self._size -= len(message)
        if self._newest.get(key) == number:
            del self._newest[key]
        return message

    def wait_for_room(self) -> None:
        """Block while more than the high-water mark is waiting."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._size <= self._high_water)

    def close(self, *, discard: bool = False) -> None:
        """Queue no more messages; those that wait can still be taken, unless discarded."""
        with self._changed:
            self._closed = True
            if discard:
                self._waiting.clear()
                self._newest.clear()
                self._size = 0
            self._changed.notify_all()
