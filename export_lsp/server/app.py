"""The language server: which LSP method does what, and the two ways to reach it.

Handlers of document events are plain functions, so that they run in the order of the messages;
they only note what happened and start tasks.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Any, cast

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

import export_lsp
from export_lsp.engine.files.directories import keep_private
from export_lsp.engine.tasks import Tasks
from export_lsp.server.client import SECTION
from export_lsp.server.connection.channels import Channel, accept, stdio
from export_lsp.server.connection.connection import Connection
from export_lsp.server.connection.endpoint import Endpoint, is_client_error
from export_lsp.server.encodings import Encoding
from export_lsp.server.features.code_actions import KINDS
from export_lsp.server.log import log_to_stderr
from export_lsp.server.session import Session

_log = logging.getLogger(__name__)


class Server(LanguageServer):
    """A server for one connection."""

    session: Session
    protocol: Endpoint

    def __init__(self) -> None:
        super().__init__(
            "export-lsp",
            export_lsp.__version__,
            protocol_cls=Endpoint,
            converter_factory=default_converter,
        )
        self.session = Session(self)

    async def close(self) -> None:
        """End all checks and worker processes."""
        await self.session.close()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """An error of ours: one line in the editor's output, the traceback in the log."""
        if source is FeatureRequestError and is_client_error(error):
            return  # The client has its answer.
        if isinstance(error, JsonRpcInvalidParams):
            self.session.client.log(types.MessageType.Error, f"export-lsp: {error.message}")
            return
        _log.error("while handling a message", exc_info=error)
        text = f"export-lsp: internal error ({type(error).__name__}); the log has the details"
        self.session.client.log(types.MessageType.Error, text)


def make_server() -> Server:
    """A server with every method wired; needs a running event loop."""
    server = Server()
    session = server.session
    _wire_life(server, session)
    _wire_documents(server, session)
    _wire_workspace(server, session)
    _wire_commands(server, session)
    return server


def _wire_life(server: Server, session: Session) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        session.documents.encoding = cast(Encoding, server.workspace.position_encoding)
        session.initialize(params)
        server.protocol.lifecycle.initialized = True

    @server.feature(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        await session.initialized()

    @server.feature(types.SHUTDOWN)
    async def shutdown(params: None) -> None:
        await session.close()


def _wire_documents(server: Server, session: Session) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        session.opened(params.text_document)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        session.changed(params)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        session.saved(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        session.closed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return session.answers.hover(params)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=True),
    )
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        return session.answers.code_actions(params)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS)
    async def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
        return await session.answers.code_lenses(params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    def resolve(action: types.CodeAction) -> types.CodeAction:
        return session.answers.resolve(action)


def _wire_workspace(server: Server, session: Session) -> None:
    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(params: types.DidChangeConfigurationParams) -> None:
        settings = params.settings
        section = settings.get(SECTION) if isinstance(settings, dict) else None
        await session.configure(section if isinstance(section, dict) else None)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def did_change_folders(params: types.DidChangeWorkspaceFoldersParams) -> None:
        await session.change_folders(params.event)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: types.DidChangeWatchedFilesParams) -> None:
        session.watched(list(params.changes))


def _wire_commands(server: Server, session: Session) -> None:
    """Commands start work and return: one in flight would answer ``shutdown`` with an error."""
    tasks = Tasks()

    @server.command(f"{SECTION}.check")
    def check(*uris: Any) -> None:
        session.check(list(uris))

    @server.command(f"{SECTION}.restart")
    def restart(*_: Any) -> None:
        tasks.start(session.restart())

    @server.command(f"{SECTION}.showOutput")
    def show_output(*_: Any) -> None:
        tasks.start(session.show_output())


def serve_stdio() -> None:
    """Serve the client on stdin and stdout until it leaves.

    Raises:
        SystemExit: The client sent ``exit`` without ``shutdown``, or reads nothing.
    """
    _serve(stdio)


def serve_tcp(host: str, port: int) -> None:
    """Listen for one client and serve it until it leaves.

    Raises:
        OSError: The address cannot be listened on.
        SystemExit: The client sent ``exit`` without ``shutdown``, or reads nothing.
    """
    _serve(lambda: accept(host, port))


def _serve(meet: Callable[[], Awaitable[Channel]]) -> None:
    async def serve() -> int:
        channel = await meet()
        return await Connection(make_server()).serve(channel)

    keep_private()
    log_to_stderr()
    with contextlib.suppress(KeyboardInterrupt):
        if status := asyncio.run(serve()):
            sys.exit(status)
