"""The contract of `server/connection/endpoint.py` with pygls beyond its public interface.

The first test finds the private names that are used; each has a test that fails if pygls no longer
has it, changes its signature, or no longer calls it where the server relies on it.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter

import export_lsp.server
from export_lsp.server.connection.endpoint import Endpoint

OVERRIDDEN = ("_execute_handler", "_handle_cancel_notification", "_run_generator", "_send_data")
USED = ("_converter", "_request_futures", "_result_types", "_serialize_message", "_server")
BUILT_IN = (
    "lsp_initialize",
    "lsp_shutdown",
    "lsp_text_document__did_change",
    "lsp_text_document__did_close",
    "lsp_text_document__did_open",
    "lsp_work_done_progress_cancel",
)


class Watched(LanguageServerProtocol):
    """pygls's own protocol, with a record of the private methods called and the messages sent."""

    def __init__(self, server: LanguageServer, converter: Any) -> None:
        super().__init__(server, converter)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.sent: list[Any] = []

    def _execute_handler(self, *args: Any, **kwargs: Any) -> None:
        self._note("_execute_handler", args, kwargs)
        super()._execute_handler(*args, **kwargs)

    def _handle_cancel_notification(self, *args: Any, **kwargs: Any) -> None:
        self._note("_handle_cancel_notification", args, kwargs)
        super()._handle_cancel_notification(*args, **kwargs)

    def _run_generator(self, *args: Any, **kwargs: Any) -> None:
        self._note("_run_generator", args, kwargs)
        super()._run_generator(*args, **kwargs)

    def _send_data(self, data: Any) -> None:
        self.sent.append(json.loads(json.dumps(data, default=self._serialize_message)))

    def _note(self, name: str, args: Any, kwargs: Any) -> None:
        signature = inspect.signature(getattr(LanguageServerProtocol, name))
        self.calls.append((name, dict(signature.bind(self, *args, **kwargs).arguments)))

    def called(self, name: str) -> list[dict[str, Any]]:
        return [arguments for called, arguments in self.calls if called == name]


class Server(LanguageServer):
    """A server of pygls that records the errors reported to it."""

    protocol: Watched

    def __init__(self) -> None:
        super().__init__("test", "1", protocol_cls=Watched, converter_factory=default_converter)
        self.reported: list[tuple[Exception, Any]] = []

    def report_server_error(self, error: Exception, source: Any) -> None:
        self.reported.append((error, source))

    def take(self, method: str, params: Any = None, number: int | str | None = None) -> None:
        """Handle a message as the endpoint passes it on."""
        data: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
        data |= {} if params is None else {"params": params}
        data |= {} if number is None else {"id": number}
        kind: Any = self.protocol.get_message_type(method)
        self.protocol.handle_message(self.protocol._converter.structure(data, kind))


HOVER = {"textDocument": {"uri": "file:///x.py"}, "position": {"line": 0, "character": 0}}
INITIALIZE: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}


def test_every_private_name_in_use_is_listed() -> None:
    server = Server()
    private = {name for name in (*dir(server), *dir(server.protocol)) if _is_private(name)}
    folder = Path(export_lsp.server.__file__).parent
    endpoint = folder / "connection" / "endpoint.py"
    own, foreign = _private_names(endpoint)
    assert (own | foreign) & private == set(OVERRIDDEN + USED)
    assert server.protocol._server is server
    for file in folder.rglob("*.py"):
        own, foreign = _private_names(file)
        assert file == endpoint or not foreign, f"{file.name} uses {foreign}"
    own, _ = _private_names(folder / "app.py")  # a subclass of `LanguageServer`
    assert not own & private


def _private_names(file: Path) -> tuple[set[str], set[str]]:
    """The private names that a file defines or uses on `self`, and those it uses on others."""
    own: set[str] = set()
    foreign: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            own.add(node.name)
        elif isinstance(node, ast.Attribute):
            on_self = isinstance(node.value, ast.Name) and node.value.id == "self"
            (own if on_self else foreign).add(node.attr)
    return set(filter(_is_private, own)), set(filter(_is_private, foreign))


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


@pytest.mark.parametrize("name", [*OVERRIDDEN, *BUILT_IN])
def test_an_overridden_method_has_the_same_parameters(name: str) -> None:
    theirs = inspect.signature(getattr(LanguageServerProtocol, name)).parameters
    ours = inspect.signature(getattr(Endpoint, name)).parameters
    assert [(each.name, each.kind, each.default) for each in ours.values()] == [
        (each.name, each.kind, each.default) for each in theirs.values()
    ]


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_handler_is_found_by_its_method(name: str) -> None:
    def mark(function: Callable[..., Any]) -> Any:
        return getattr(function, "method_name", None)

    protocol = Server().protocol
    method = mark(getattr(LanguageServerProtocol, name))
    assert method == mark(getattr(Endpoint, name))
    assert protocol.fm.builtin_features[method] == getattr(protocol, name)


@pytest.mark.parametrize("is_async", [False, True])
async def test_requests_go_through_execute_handler(is_async: bool) -> None:
    server, protocol = _server_with_hover(is_async)
    server.take(types.TEXT_DOCUMENT_HOVER, HOVER, 7)
    # A coroutine's request is pending until it has ended, and forgotten before its answer is sent.
    assert list(protocol._request_futures) == ([7] if is_async else [])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    [call] = protocol.called("_execute_handler")
    assert call["msg_id"] == 7
    assert call["handler"] is server.protocol.fm.features[types.TEXT_DOCUMENT_HOVER]
    assert [each["id"] for each in protocol.sent] == [7]
    assert protocol._request_futures == {}


def _server_with_hover(is_async: bool) -> tuple[Server, Watched]:
    server = Server()
    feature = server.feature(types.TEXT_DOCUMENT_HOVER)
    if is_async:

        @feature
        async def later(params: types.HoverParams) -> None: ...

    else:

        @feature
        def at_once(params: types.HoverParams) -> None: ...

    return server, server.protocol


async def test_a_handler_of_a_notification_is_never_forgotten() -> None:
    """The endpoint therefore forgets it; if this fails, pygls does so itself."""
    server = Server()

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None: ...

    server.take(types.TEXT_DOCUMENT_DID_SAVE, {"textDocument": {"uri": "file:///x.py"}})
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    [future] = server.protocol._request_futures.values()
    assert future.done()


async def test_built_in_handlers_go_through_run_generator() -> None:
    server = Server()
    encodings = []

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        encodings.append(server.workspace.position_encoding)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> None: ...

    server.take(types.INITIALIZE, INITIALIZE, 1)
    first, second = server.protocol.called("_run_generator")
    assert first["future"] is None
    assert first["gen"] is second["gen"]
    assert first["result_future"] is second["result_future"]
    assert second["future"].done()
    # The user's handler has run with the encoding known, before the capabilities were sent.
    assert encodings == [types.PositionEncodingKind.Utf16]
    [answer] = server.protocol.sent
    assert answer["result"]["capabilities"]["hoverProvider"] is True


async def test_a_cancelled_user_handler_reaches_run_generator() -> None:
    """The endpoint therefore ends the built-in handler, which in pygls never ends."""
    server = Server()

    @server.feature(types.SHUTDOWN)
    async def shutdown(params: None) -> None:
        await asyncio.sleep(60)

    server.take(types.SHUTDOWN, None, 1)
    await asyncio.sleep(0)
    own = {number: f for number, f in server.protocol._request_futures.items() if number != 1}
    [inner] = own.values()
    inner.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    last = server.protocol.called("_run_generator")[-1]
    assert last["future"] is inner
    assert last["future"].cancelled()


async def test_the_number_of_a_request_is_known_in_its_handler() -> None:
    server = Server()
    numbers = []

    @server.feature(types.SHUTDOWN)
    def shutdown(params: None) -> None:
        numbers.append(server.protocol.msg_id)

    server.take(types.SHUTDOWN, None, "x")
    assert numbers == ["x"]


def test_a_cancellation_of_the_client_can_cancel_a_request_of_the_server() -> None:
    """The endpoint therefore looks at `_result_types`, which has the server's own requests."""
    server = Server()
    protocol = server.protocol
    question = types.ShowMessageRequestParams(types.MessageType.Info, "?")
    future = protocol.send_request(types.WINDOW_SHOW_MESSAGE_REQUEST, question, msg_id="q")
    assert protocol._request_futures["q"] is future
    assert protocol._result_types == {"q": types.ShowMessageResponse}
    server.take(types.CANCEL_REQUEST, {"id": "q"})
    assert protocol.called("_handle_cancel_notification")[0]["msg_id"] == "q"
    assert future.cancelled()


async def test_everything_is_sent_by_send_data() -> None:
    server, protocol = _server_with_hover(is_async=False)
    server.take(types.TEXT_DOCUMENT_HOVER, HOVER, 1)
    server.take(types.WORKSPACE_EXECUTE_COMMAND, {"command": "unknown"}, 2)
    protocol.notify("exportLsp/status", {"busy": True})
    protocol.send_request(types.WORKSPACE_CODE_LENS_REFRESH, None, msg_id=3)
    server.window_log_message(types.LogMessageParams(types.MessageType.Log, "a line"))
    assert [each.get("id") or each["method"] for each in protocol.sent] == [
        1,
        2,
        "exportLsp/status",
        3,
        types.WINDOW_LOG_MESSAGE,
    ]
    assert protocol.sent[2]["params"] == {"busy": True}


async def test_errors_reach_the_server_and_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """`mute_client_errors` and `Server` filter by this logger and these arguments."""
    server = Server()
    server.take(types.WORKSPACE_EXECUTE_COMMAND, {"command": "unknown"}, 1)
    [(error, source)] = server.reported
    assert isinstance(error, JsonRpcInvalidParams)
    assert source is FeatureRequestError
    [record] = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert record.name == "pygls.protocol.json_rpc"
    assert record.exc_info is not None
    assert record.exc_info[1] is error


async def test_a_progress_token_is_cancelled_by_its_future() -> None:
    server = Server()
    created = asyncio.ensure_future(server.work_done_progress.create_async("token"))
    await asyncio.sleep(0)
    [(number, pending)] = server.protocol._request_futures.items()
    assert number in server.protocol._result_types
    pending.set_result(None)
    await created
    token = server.work_done_progress.tokens["token"]
    assert isinstance(token, Future)
    server.take(types.WINDOW_WORK_DONE_PROGRESS_CANCEL, {"token": "token"})
    assert token.cancelled()


@pytest.fixture(autouse=True)
def _keep_pygls_logger() -> Iterator[None]:
    """Other tests may have muted it."""
    logger = logging.getLogger("pygls.protocol.json_rpc")
    level, filters = logger.level, list(logger.filters)
    logger.setLevel(logging.NOTSET)
    logger.filters.clear()
    yield
    logger.setLevel(level)
    logger.filters[:] = filters
