"""The language server: which LSP method is handled by what, and the ways to connect to it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import logging
import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from export_lsp.engine.files.directories import keep_private
from export_lsp.engine.hosts.orphans import own_children
from export_lsp.engine.tasks import Tasks
from export_lsp.server.connection.admission import TOKEN_VARIABLE, Admission
from export_lsp.server.connection.channels import Channel, stdio
from export_lsp.server.connection.connection import Connection
from export_lsp.server.connection.endpoint import Endpoint, is_client_error
from export_lsp.server.connection.listening import tcp_listeners, unix_listener
from export_lsp.server.editor.client import NAME, SECTION
from export_lsp.server.editor.encodings import Encoding
from export_lsp.server.features import (
    code_actions,
    code_lenses,
    graphs,
    hover,
    inlay_hints,
    verdicts,
)
from export_lsp.server.log import log_to_stderr
from export_lsp.server.session import Session
from export_lsp.server.view import View
from export_lsp.version import VERSION

# The requests that a feature answers: the method, the feature, and its registration options.  The
# capabilities that the server declares follow from this table.
FEATURES: tuple[tuple[str, Callable[[View, Any], Any], Any], ...] = (
    (types.TEXT_DOCUMENT_HOVER, hover.hover, None),
    (types.TEXT_DOCUMENT_CODE_ACTION, code_actions.code_actions, code_actions.OPTIONS),
    (types.CODE_ACTION_RESOLVE, code_actions.resolve, None),
    (types.TEXT_DOCUMENT_CODE_LENS, code_lenses.code_lenses, None),
    (types.TEXT_DOCUMENT_INLAY_HINT, inlay_hints.inlay_hints, inlay_hints.OPTIONS),
    (types.INLAY_HINT_RESOLVE, inlay_hints.resolve, None),
    (types.TEXT_DOCUMENT_DEFINITION, graphs.definition, None),
    (types.TEXT_DOCUMENT_REFERENCES, graphs.references, None),
    (types.WORKSPACE_TEXT_DOCUMENT_CONTENT, graphs.content, graphs.OPTIONS),
    (graphs.CONTENT, graphs.content, None),
    ("exportLsp/verdicts", verdicts.verdicts, None),
)

# The events that change the session.  Those of documents are plain functions, which run in the
# order of the messages: they note what has happened and start tasks.
EVENTS: tuple[tuple[str, Callable[[Session, Any], Any]], ...] = (
    (types.INITIALIZED, Session.initialized),
    (types.SHUTDOWN, Session.shutdown),
    (types.TEXT_DOCUMENT_DID_OPEN, Session.did_open),
    (types.TEXT_DOCUMENT_DID_CHANGE, Session.did_change),
    (types.TEXT_DOCUMENT_DID_SAVE, Session.did_save),
    (types.TEXT_DOCUMENT_DID_CLOSE, Session.did_close),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, Session.did_change_configuration),
    (types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, Session.did_change_workspace_folders),
    (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, Session.did_change_watched_files),
)

# The commands, by their names in our section.
COMMANDS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("check", Session.check),
    ("checkAll", Session.check_all),
    ("exampleInputs", Session.example_inputs),
    ("dynamicShapes", Session.dynamic_shapes),
    ("restart", Session.restart),
    ("showOutput", Session.show_output),
    ("explain", Session.explain),
    ("showDetail", Session.show_detail),
    ("setSeverity", Session.set_severity),
    ("toggleHints", Session.toggle_hints),
    ("openGraph", Session.open_graph),
)

_log = logging.getLogger(__name__)


class Server(LanguageServer):
    """A server for one connection."""

    session: Session
    protocol: Endpoint

    def __init__(self) -> None:
        super().__init__(
            NAME,
            VERSION,
            protocol_cls=Endpoint,
            converter_factory=default_converter,
        )
        self.session = Session(self)

    async def close(self) -> None:
        """End all checks and worker processes."""
        await self.session.shutdown()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Show an error in the editor's output channel, and log its traceback if it is ours."""
        if source is FeatureRequestError and is_client_error(error):
            return  # the client has its answer
        if isinstance(error, JsonRpcInvalidParams):
            self.session.client.log(types.MessageType.Error, error.message)
            return
        _log.error("while handling a message", exc_info=error)
        text = f"internal error ({type(error).__name__}); the log has the details"
        self.session.client.log(types.MessageType.Error, text)


def make_server() -> Server:
    """Return a server that handles all methods; needs a running event loop."""
    server = Server()
    session = server.session
    server.protocol.content = graphs.OPTIONS
    server.feature(types.INITIALIZE)(functools.partial(_initialize, server))
    for event, handle in EVENTS:
        server.feature(event)(functools.partial(handle, session))
    for request, answer, options in FEATURES:
        server.feature(request, options)(functools.partial(answer, session.view))
    server.command(f"{SECTION}.interpreters")(lambda *_: session.interpreters())
    tasks = Tasks()
    for name, run in COMMANDS:
        server.command(f"{SECTION}.{name}")(_command(functools.partial(run, session), tasks))
    return server


def _initialize(server: Server, params: types.InitializeParams) -> None:
    server.session.documents.encoding = cast(Encoding, server.workspace.position_encoding)
    server.session.initialize(params)
    server.protocol.lifecycle.initialized = True


def _command(run: Callable[..., Any], tasks: Tasks) -> Callable[..., None]:
    """A handler that starts a command and returns: ``shutdown`` would cancel a pending one."""

    def handle(*arguments: Any) -> None:
        started = run(*arguments)
        if inspect.iscoroutine(started):
            tasks.start(started)

    return handle


def serve_stdio() -> None:
    """Serve the client on stdin and stdout until it leaves.

    Raises:
        SystemExit: The client has sent ``exit`` without ``shutdown``, or has stopped reading.
    """
    _serve(lambda _: stdio())


def serve_tcp(host: str, port: int, *, token: str | None, allow_remote: bool) -> None:
    """Listen for one client that knows the token, and serve it until it leaves.

    Without a token one is made up and printed on stderr.  With `allow_remote` the host may have
    addresses that other machines reach.

    Raises:
        ListenError: The address cannot or must not be listened on.
        SystemExit: The client has sent ``exit`` without ``shutdown``, or has stopped reading.
    """
    known = token or secrets.token_urlsafe()

    async def connect(server: Server) -> Channel:
        with tcp_listeners(host, port, allow_remote=allow_remote) as listeners:
            origin = f"of ${TOKEN_VARIABLE}" if token else f"that is new in each start: {known}"
            _log.info("a client needs the initialization option `token` %s", origin)
            return await Admission(known, server.protocol.invalid_params).first_client(listeners)

    _serve(connect)


def serve_socket(path: Path) -> None:
    """Listen for one client on a Unix socket of the user's, and serve it until it leaves.

    Raises:
        ListenError: The path cannot or must not be listened on.
        SystemExit: The client has sent ``exit`` without ``shutdown``, or has stopped reading.
    """

    async def connect(server: Server) -> Channel:
        with unix_listener(path) as listeners:
            return await Admission(None, server.protocol.invalid_params).first_client(listeners)

    _serve(connect)


def _serve(connect: Callable[[Server], Awaitable[Channel]]) -> None:
    async def serve() -> int:
        server = make_server()
        return await Connection(server).serve(await connect(server))

    keep_private()
    own_children()
    log_to_stderr()
    with contextlib.suppress(KeyboardInterrupt):
        if status := asyncio.run(serve()):
            sys.exit(status)
