"""The bytes of a connection, and the two threads that read and write them.

Blocking reads and writes behave alike for pipes, terminals, files and sockets on every system, and
need no polling.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from export_lsp.server.connection.outbox import Outbox
from export_lsp.wire import write_all

# The most bytes that one read returns.
CHUNK = 2**16
# How long a client may take to read the last messages, in seconds.
PATIENCE = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Channel:
    """Blocking functions that read and write the bytes of a connection.

    `read` returns at most the given number of bytes, and none at the end; `write` writes all.
    """

    read: Callable[[int], bytes]
    write: Callable[[bytes], None]


async def stdio() -> Channel:
    """Return the channel of this process's stdin and stdout."""
    stdin, stdout = sys.stdin.fileno(), sys.stdout.fileno()
    return Channel(lambda size: os.read(stdin, size), functools.partial(write_all, stdout))


class ReaderThread:
    """Passes the bytes that a client sends to `received`, on the event loop.

    `received` gets b"" at the end.  At most one chunk is in flight: the thread reads the next one
    after `received` has returned, and while the outbox has room for the answers.
    """

    def __init__(self, channel: Channel, outbox: Outbox, received: Callable[[bytes], None]) -> None:
        self._channel = channel
        self._outbox = outbox
        self._received = received
        self._free = threading.Semaphore(1)
        self._loop = asyncio.get_running_loop()
        # A daemon, as a read cannot be interrupted when the process ends.
        threading.Thread(target=self._read, name="reading", daemon=True).start()

    def _read(self) -> None:
        while self._free.acquire():
            self._outbox.wait_for_room()
            try:
                data = self._channel.read(CHUNK)
            except OSError as error:
                _log.info("the client is gone: %s", error)
                data = b""
            try:
                self._loop.call_soon_threadsafe(self._pass_on, data)
            except RuntimeError:
                return  # the loop has been closed
            if not data:
                return

    def _pass_on(self, data: bytes) -> None:
        try:
            self._received(data)
        finally:
            self._free.release()


class WriterThread:
    """Writes the messages of an outbox; `failed` is called, on the event loop, if that fails."""

    def __init__(self, channel: Channel, outbox: Outbox, failed: Callable[[], None]) -> None:
        self._channel = channel
        self._outbox = outbox
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        threading.Thread(target=self._write, name="writing", daemon=True).start()

    async def end(self) -> None:
        """Close the outbox, and give the client a moment to read the last messages."""
        self._outbox.close()
        try:
            await asyncio.wait_for(self._ended.wait(), PATIENCE)
        except asyncio.TimeoutError:
            _log.info("the client has not read all messages")

    def _write(self) -> None:
        failed = False
        try:
            while (data := self._outbox.take()) is not None:
                self._channel.write(data)
        except OSError as error:
            _log.info("the client cannot be written to: %s", error)
            self._outbox.close(discard=True)
            failed = True
        try:
            self._loop.call_soon_threadsafe(self._end, failed)
        except RuntimeError:
            return  # the loop has been closed

    def _end(self, failed: bool) -> None:
        self._ended.set()
        if failed:
            self._failed()
