"""One connection, from its first byte to its last."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Generic, Protocol, TypeVar

from lsprotocol import types

from export_lsp.server.connection.channels import Channel, ReaderThread, WriterThread
from export_lsp.server.connection.endpoint import Endpoint
from export_lsp.server.connection.frames import BrokenFrame, Frame, FrameParser
from export_lsp.server.connection.messages import PARSE_ERROR, Notification, Rejection, parse

_log = logging.getLogger(__name__)


class ConnectedServer(Protocol):
    """The server behind a connection, as the connection sees it."""

    protocol: Endpoint

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Report in one line to the user that handling a message failed, and log the traceback."""

    async def close(self) -> None:
        """End all checks and worker processes."""


S = TypeVar("S", bound=ConnectedServer)


class Connection(Generic[S]):
    """Handles a client's messages in their order, each as soon as it has arrived."""

    def __init__(self, server: S) -> None:
        self.server = server
        self._endpoint = server.protocol
        self._parser = FrameParser()
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._endpoint.stalled = self._give_up

    async def serve(self, channel: Channel) -> int:
        """Serve until the client sends ``exit`` or closes its end, then close the server.

        Returns:
            The exit status of the process (LSP 3.17, Exit Notification).
        """
        outbox = self._endpoint.outbox
        writer = WriterThread(channel, outbox, lambda: self._end(0))
        ReaderThread(channel, outbox, self.receive)
        try:
            return await self._ended
        finally:
            # The outbox closes first: checks that end report to a client that has left.
            await asyncio.gather(writer.end(), self.server.close())

    @property
    def ended(self) -> bool:
        """True once the client has left or was given up."""
        return self._ended.done()

    def receive(self, data: bytes) -> None:
        """Handle the messages that some bytes complete; b"" is the end of the input."""
        if not data:
            self._end(0)
        for frame in self._parser.feed(data):
            if not self.ended:
                self._handle(frame)

    def _handle(self, frame: Frame) -> None:
        if isinstance(frame, BrokenFrame):
            reason = f"The input is not a message: {frame.reason}."
            self._endpoint.reject(Rejection(None, PARSE_ERROR, reason))
            return
        message = parse(frame.data)
        if isinstance(message, Notification) and message.method == types.EXIT:
            self._end(0 if self._endpoint.lifecycle.shut_down else 1)
            return
        try:
            self._endpoint.handle(message)
        # One message must not end the connection.
        except Exception as error:
            self.server.report_server_error(error, Exception)

    def _give_up(self, reason: str) -> None:
        _log.error("%s", reason)
        self._end(1)

    def _end(self, status: int) -> None:
        if not self.ended:
            self._ended.set_result(status)
