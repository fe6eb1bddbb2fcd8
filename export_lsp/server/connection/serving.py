"""One connection from its first byte to its end."""

from __future__ import annotations

import asyncio
import logging
import typing
from typing import Any, Generic, TypeVar

from lsprotocol import types

from export_lsp.server.connection.channels import Channel, Reading, Writing
from export_lsp.server.connection.frames import Broken, Frame, Parser
from export_lsp.server.connection.messages import PARSE_ERROR, Notification, Refused, read
from export_lsp.server.connection.protocol import Protocol

_log = logging.getLogger(__name__)


class Served(typing.Protocol):
    """The server behind a connection."""

    protocol: Protocol

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Tell the user in one line that handling a message failed, and log the traceback."""

    async def close(self) -> None:
        """End all checks and worker processes."""


S = TypeVar("S", bound=Served)


class Serving(Generic[S]):
    """Handles a client's messages in their order, in the turn of the loop that they come in."""

    def __init__(self, server: S) -> None:
        self.server = server
        self._protocol = server.protocol
        self._parser = Parser()
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._protocol.given_up = self._give_up

    async def serve(self, channel: Channel) -> int:
        """Serve until the client closes its end or sends ``exit``; the exit status (LSP 3.17).

        Nothing is left behind.
        """
        outbox = self._protocol.outbox
        writing = Writing(channel, outbox, lambda: self._end(0))
        Reading(channel, outbox, self.receive)
        try:
            return await self._ended
        finally:
            # In this order: what ends has things to say, which nobody wants to hear any more.
            await asyncio.gather(writing.end(), self.server.close())

    @property
    def ended(self) -> bool:
        """Whether the client has left or was given up."""
        return self._ended.done()

    def receive(self, data: bytes) -> None:
        """Handle what has come; nothing means that nothing more will."""
        if not data:
            self._end(0)
        for frame in self._parser.feed(data):
            if not self.ended:
                self._handle(frame)

    def _handle(self, frame: Frame) -> None:
        if isinstance(frame, Broken):
            refused = Refused(None, PARSE_ERROR, f"What came is no message: {frame.reason}.")
            self._protocol.refuse(refused)
            return
        message = read(frame.data)
        if isinstance(message, Notification) and message.method == types.EXIT:
            self._end(0 if self._protocol.life.shut_down else 1)
            return
        try:
            self._protocol.handle(message)
        # One message must not end the connection.
        except Exception as error:
            self.server.report_server_error(error, Exception)

    def _give_up(self, reason: str) -> None:
        _log.error("%s", reason)
        self._end(1)

    def _end(self, status: int) -> None:
        if not self.ended:
            self._ended.set_result(status)
