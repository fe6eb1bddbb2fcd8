"""Admits one client of a socket: the first that begins as an editor of the user does.

Anyone may connect to a port: other users of the machine, and any page in a browser.  So a client is
a stranger until its first message, and nothing before it, is a valid ``initialize`` request with
the token in its initialization options.  A stranger is disconnected, and changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import io
import logging
import socket
from collections.abc import Callable, Sequence
from typing import Any

from lsprotocol import types

from export_lsp.server.connection.channels import CHUNK, Channel
from export_lsp.server.connection.frames import BrokenFrame, FrameParser
from export_lsp.server.connection.messages import (
    INVALID_REQUEST,
    NOT_INITIALIZED,
    Message,
    Rejection,
    Request,
    error_response,
    framed,
    parse,
)

# How long a client may take for its first message, and to read why it is refused, in seconds.
PATIENCE = 10.0
# The most bytes that a client may send before it is admitted.
LIMIT = 1 << 20
# The most strangers at a time; the first to come are the first to go.
STRANGERS = 32
# Each header of the base protocol begins so.
_BEGINNING = b"content-"

# The environment variable of a token that the user has chosen.
TOKEN_VARIABLE = "EXPORT_LSP_TOKEN"
NO_TOKEN = (
    "The initialization option `token` is missing or wrong; it is the one that the server has"
    f" printed, or that of ${TOKEN_VARIABLE}."
)

Validate = Callable[[Request], "Rejection | None"]

_log = logging.getLogger(__name__)


class _RefusedError(Exception):
    """A client is a stranger: why, and the answer that it gets, if any."""

    def __init__(self, reason: str, answer: Rejection | None = None) -> None:
        super().__init__(reason)
        self.answer = answer


class Admission:
    """Decides which client is admitted.

    Args:
        token: The token that a client has to know, None if the socket is the user's alone.
        validate: Returns the error for a request whose parameters are not valid.
    """

    def __init__(self, token: str | None, validate: Validate) -> None:
        self._token = token
        self._validate = validate
        self._admitted: asyncio.Future[Channel] = asyncio.get_running_loop().create_future()
        self._strangers: dict[asyncio.Task[None], None] = {}

    async def first_client(self, listeners: Sequence[socket.socket]) -> Channel:
        """Return the channel of the first client that is admitted; disconnect all others."""
        accepting = [asyncio.ensure_future(self._accept(listener)) for listener in listeners]
        try:
            return await self._admitted
        finally:
            tasks = [*accepting, *self._strangers]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        while True:
            try:
                client, _ = await asyncio.get_running_loop().sock_accept(listener)
            except OSError as error:
                _log.warning("a client could not be accepted: %s", error)
                await asyncio.sleep(0.1)  # there may be no free descriptor
                continue
            client.setblocking(False)
            if len(self._strangers) >= STRANGERS:
                next(iter(self._strangers)).cancel()
            task = asyncio.ensure_future(self._hear(client))
            self._strangers[task] = None
            task.add_done_callback(self._strangers.pop)

    async def _hear(self, client: socket.socket) -> None:
        """Admit a client after its first message, or disconnect it."""
        try:
            received = await asyncio.wait_for(self._received(client), PATIENCE)
        except (_RefusedError, OSError, asyncio.TimeoutError) as error:
            _log.info("a client is refused: %s", error or "it has sent too little")
            await _dismiss(client, error.answer if isinstance(error, _RefusedError) else None)
        except BaseException:
            client.close()
            raise
        else:
            if self._admitted.done():
                client.close()
            else:
                self._admitted.set_result(_channel(client, received))

    async def _received(self, client: socket.socket) -> bytes:
        """Read until the first message is complete; return all that was read.

        Raises:
            _RefusedError: It does not admit the client.
            OSError: The client is gone.
        """
        loop, parser, received = asyncio.get_running_loop(), FrameParser(LIMIT), bytearray()
        while data := await loop.sock_recv(client, CHUNK):
            received += data
            if not _BEGINNING.startswith(received[: len(_BEGINNING)].lower()):
                raise _RefusedError("it has sent something that is no message")
            for frame in parser.feed(data):
                if isinstance(frame, BrokenFrame):
                    raise _RefusedError(frame.reason)
                self._examine(parse(frame.data))
                return bytes(received)
            if len(received) > LIMIT:
                raise _RefusedError(f"it has sent {len(received)} bytes and no message")
        raise _RefusedError("it has left")

    def _examine(self, message: Message | Rejection) -> None:
        """Raise `_RefusedError` unless a first message admits its client."""
        if isinstance(message, Rejection):
            raise _RefusedError(message.reason, message)
        if not isinstance(message, Request):
            raise _RefusedError("it has not begun with a request")
        if message.method != types.INITIALIZE:
            reason = "The server has not been initialized."
            raise _RefusedError(reason, Rejection(message.id, NOT_INITIALIZED, reason))
        if self._token is not None and not _knows(self._token, message.params):
            raise _RefusedError(
                "its token is missing or wrong", Rejection(message.id, INVALID_REQUEST, NO_TOKEN)
            )
        if (rejection := self._validate(message)) is not None:
            raise _RefusedError(rejection.reason, rejection)


def _knows(token: str, params: Any) -> bool:
    """Return whether the parameters of ``initialize`` have the token, in constant time."""
    options = params.get("initializationOptions") if isinstance(params, dict) else None
    given = options.get("token") if isinstance(options, dict) else None
    text = given if isinstance(given, str) else ""
    return hmac.compare_digest(text.encode("utf-8", "surrogatepass"), token.encode())


async def _dismiss(client: socket.socket, answer: Rejection | None) -> None:
    """Send a stranger the error that it deserves, if any, and disconnect it."""
    with client, contextlib.suppress(OSError, asyncio.TimeoutError):
        if answer is not None:
            loop = asyncio.get_running_loop()
            await asyncio.wait_for(
                loop.sock_sendall(client, framed(error_response(answer))), PATIENCE
            )
        client.shutdown(socket.SHUT_WR)


def _channel(client: socket.socket, received: bytes) -> Channel:
    """The channel of an admitted client, which begins with the bytes that were read already."""
    client.setblocking(True)
    if client.family != getattr(socket, "AF_UNIX", None):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    beginning = io.BytesIO(received)
    return Channel(lambda size: beginning.read(size) or client.recv(size), client.sendall)
