"""Where the bytes come from and go to: two threads for one client, and how it is met.

Reading and writing block, so that they work alike for pipes, terminals, files and sockets on every
system; nothing is polled.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from export_lsp.server.connection.outbox import Outbox
from export_lsp.wire import write_all

# How much is read at once, in bytes.
CHUNK = 2**16
# How long a client that has left, or is told to, may take to read what was said to it, in seconds.
PATIENCE = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Channel:
    """`read` gives at most so many bytes, none at the end; `write` takes all; both may wait."""

    read: Callable[[int], bytes]
    write: Callable[[bytes], None]


async def stdio() -> Channel:
    """The process's own stdin and stdout, at whose other end the client is already."""
    stdin, stdout = sys.stdin.fileno(), sys.stdout.fileno()
    return Channel(lambda size: os.read(stdin, size), functools.partial(write_all, stdout))


async def connected(host: str, port: int) -> Channel:
    """The first client that connects; nobody else can.

    Raises:
        OSError: The address cannot be listened on.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AddressInfo.AI_PASSIVE
    )
    listeners = [socket.create_server(address, family=family) for family, *_, address in found]
    accepting = []
    for listener in listeners:
        listener.setblocking(False)
        _log.info("listening on %s", listener.getsockname())
        accepting.append(asyncio.ensure_future(loop.sock_accept(listener)))
    try:
        done, _ = await asyncio.wait(accepting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in accepting:
            task.cancel()
        for listener in listeners:
            listener.close()
    client, _ = done.pop().result()
    client.setblocking(True)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Channel(client.recv, client.sendall)


class Reading:
    """Hands what is read over to the event loop; `received` is called with nothing at the end.

    No more than one chunk is on its way: the next is read when it has been looked at and there is
    room for the answers.
    """

    def __init__(self, channel: Channel, outbox: Outbox, received: Callable[[bytes], None]) -> None:
        self._channel = channel
        self._outbox = outbox
        self._received = received
        self._looked_at = threading.Semaphore(1)
        self._loop = asyncio.get_running_loop()
        # A daemon: a read cannot be interrupted when the process ends.
        threading.Thread(target=self._read, name="reading", daemon=True).start()

    def _read(self) -> None:
        while self._looked_at.acquire():
            self._outbox.wait_for_room()
            try:
                data = self._channel.read(CHUNK)
            except OSError as error:
                _log.info("the client is gone: %s", error)
                data = b""
            try:
                self._loop.call_soon_threadsafe(self._look_at, data)
            except RuntimeError:
                return  # The loop has been closed meanwhile.
            if not data:
                return

    def _look_at(self, data: bytes) -> None:
        try:
            self._received(data)
        finally:
            self._looked_at.release()


class Writing:
    """Writes what is in the outbox; `failed` is called if the client cannot be written to."""

    def __init__(self, channel: Channel, outbox: Outbox, failed: Callable[[], None]) -> None:
        self._channel = channel
        self._outbox = outbox
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        threading.Thread(target=self._write, name="writing", daemon=True).start()

    async def end(self) -> None:
        """Take no more, and wait a little for the client to read what there is."""
        self._outbox.close()
        try:
            await asyncio.wait_for(self._ended.wait(), PATIENCE)
        except asyncio.TimeoutError:
            _log.info("the client has not read all that was said to it")

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
            return  # The loop has been closed meanwhile.

    def _end(self, failed: bool) -> None:
        self._ended.set()
        if failed:
            self._failed()
