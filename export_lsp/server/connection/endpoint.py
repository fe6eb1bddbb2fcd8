"""Messages to handlers, and answers to messages.

pygls calls the handlers and builds the server's capabilities.  Its handling of invalid, untimely
and cancelled messages is replaced here.  That overrides private methods of pygls, so its minor
version is pinned, and `tests/unit/test_pygls_contract.py` pins what each of them does (2.1.1).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Hashable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from cattrs import transform_error
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidParams
from pygls.protocol import JsonRPCRequestMessage, LanguageServerProtocol, lsp_method

from export_lsp.server.connection.messages import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    Id,
    Lifecycle,
    Message,
    Notification,
    Rejection,
    Request,
    Response,
    error_response,
    framed,
    quoted,
)
from export_lsp.server.connection.outbox import Outbox, StalledError
from export_lsp.server.editor.client import STATUS_METHOD
from export_lsp.server.editor.documents import path_of

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

_log = logging.getLogger(__name__)

# A built-in handler of pygls yields the user's handler, its arguments and keywords, to be called.
BuiltIn = Generator[Any, Any, None]
# How much of the error about invalid parameters is sent to the client, in characters.
_DETAIL = 300


class Endpoint(LanguageServerProtocol):
    """The server's end of a connection: handles messages and queues answers in `outbox`.

    `stalled` is called once, with the reason, if the client reads too little to keep more for it.
    Unlike pygls's own, it keeps no documents: those split lines where LSP does not (2.1.1).
    `content` says which documents the server has the text of.
    """

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.lifecycle = Lifecycle()
        self.outbox = Outbox()
        self.stalled: Callable[[str], None] = _log.error
        self.content: types.TextDocumentContentOptions | None = None

    # --- built-in handlers of pygls ----------------------------------------------------------

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> BuiltIn:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> BuiltIn:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> BuiltIn:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(
        self, params: types.InitializeParams
    ) -> Generator[Any, Any, types.InitializeResult]:
        """Ignore a root that is not the URI of a file, and declare the documents of `content`.

        pygls fails on some of these roots, and does not know that capability.
        """
        if params.root_uri is not None and path_of(params.root_uri) is None:
            params.root_uri = None
        result: types.InitializeResult = yield from super().lsp_initialize(params)
        if result.capabilities.workspace is not None:
            result.capabilities.workspace.text_document_content = self.content
        return result

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> BuiltIn:
        """Cancel every other request, of either side."""
        yield self.fm.features[types.SHUTDOWN], args, None
        current = self.msg_id
        for number, future in list(self._request_futures.items()):
            if number != current:
                future.cancel()

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        """Ignore a token that is neither a number nor a string, on which pygls fails."""
        token = params.token
        bar = self.progress.tokens.get(token) if isinstance(token, int | str) else None
        if bar is not None:
            bar.cancel()

    # --- from the client ---------------------------------------------------------------------

    def handle(self, message: Message | Rejection) -> None:
        """Call the handler of a message, or answer with the error that it deserves."""
        if isinstance(message, Rejection):
            self.reject(message)
        elif isinstance(message, Response):
            self._take_response(message)
        elif rejection := self.lifecycle.rejection(message) or self._unanswerable(message):
            self.reject(rejection)
        elif not self.lifecycle.drops(message):
            self._dispatch(message)

    def reject(self, rejection: Rejection) -> None:
        """Answer with an error."""
        _log.info("rejected a message of the client: %s", rejection.reason)
        self._send_data(error_response(rejection))

    def invalid_params(self, request: Request) -> Rejection | None:
        """Return the error for a request whose parameters are not valid, None if they are."""
        try:
            self._structured(request)
        except JsonRpcInvalidParams as error:
            return Rejection(request.id, INVALID_PARAMS, error.message)
        return None

    def _unanswerable(self, message: Request | Notification) -> Rejection | None:
        """The error for a request with an unknown method or a taken id."""
        if isinstance(message, Notification):
            return None
        if not self._has(message.method) or not self._is_request(message.method):
            reason = f"There is no request {quoted(message.method)}."
            return Rejection(message.id, METHOD_NOT_FOUND, reason)
        if message.id in self._request_futures:
            reason = "Another request with this id has not been answered yet."
            return Rejection(message.id, INVALID_REQUEST, reason)
        return None

    def _has(self, method: str) -> bool:
        return method in self.fm.builtin_features or method in self.fm.features

    def _is_request(self, method: str) -> bool:
        # A feature that LSP does not know is a request of our own.
        is_own = method in self.fm.features and method not in types.METHOD_TO_TYPES
        return is_own or self.get_result_type(method) is not None

    def _dispatch(self, message: Request | Notification) -> None:
        if isinstance(message, Notification):
            cancel = message.method == types.CANCEL_REQUEST
            if not cancel and (not self._has(message.method) or self._is_request(message.method)):
                _log.debug("there is no notification %s", quoted(message.method))
                return
        try:
            structured = self._structured(message)
        except JsonRpcInvalidParams as error:
            if isinstance(message, Request):
                self.reject(Rejection(message.id, INVALID_PARAMS, error.message))
            else:
                self._server.report_server_error(error, JsonRpcInvalidParams)
            return
        if isinstance(message, Request) and message.method == types.SHUTDOWN:
            self.lifecycle.shut_down = True
        self.handle_message(structured)

    def _structured(self, message: Request | Notification) -> Any:
        data: dict[str, Any] = {"jsonrpc": "2.0", "method": message.method}
        if message.params is not None:
            data["params"] = message.params
        if isinstance(message, Request):
            data["id"] = message.id
        kind = self.get_message_type(message.method)
        if kind is None:
            kind = JsonRPCRequestMessage
            data.setdefault("params", None)
        return self._structure(data, kind, f"The params of {message.method} are not valid")

    def _structure(self, data: Any, kind: Any, complaint: str) -> Any:
        try:
            return self._converter.structure(data, kind)
        # The hooks of lsprotocol may raise anything.
        except Exception as error:
            _log.debug("%s", complaint, exc_info=error)
            detail = "; ".join(transform_error(error))[:_DETAIL]
            raise JsonRpcInvalidParams(f"{complaint}: {detail}.") from error

    def _take_response(self, response: Response) -> None:
        future = self._request_futures.get(response.id)
        if response.id not in self._result_types or future is None:
            _log.info("the client answers a request that is not pending")
            return
        del self._request_futures[response.id]
        kind = self._result_types.pop(response.id)
        if future.done():
            return
        try:
            future.set_result(self._result(response, kind))
        except JsonRpcException as error:
            future.set_exception(error)

    def _result(self, response: Response, kind: Any) -> Any:
        """The result of the client's response.

        Raises:
            JsonRpcException: The client has answered with an error, or its answer is not valid.
        """
        if response.error is not None:
            data = {"code": 0, "message": "", **_object(response.error)}
            complaint = "The client's error is not valid"
            raise JsonRpcException.from_error(self._structure(data, types.ResponseError, complaint))
        if kind is None:
            return response.result
        data = {"jsonrpc": "2.0", "id": response.id, "result": response.result}
        return self._structure(data, kind, "The client's answer is not valid").result

    # --- private methods of pygls ------------------------------------------------------------

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        """Cancel a request of the client; pygls would also cancel one of the server."""
        if isinstance(msg_id, int | str) and msg_id not in self._result_types:
            super()._handle_cancel_notification(msg_id)

    def _execute_handler(
        self,
        msg_id: Id,
        handler: Callable[..., Any],
        callback: Callable[[Future[Any]], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Forget a handler once it has ended; pygls only forgets those of requests."""
        super()._execute_handler(msg_id, handler, callback, args, kwargs)
        future = self._request_futures.get(msg_id)
        if future is not None:
            future.add_done_callback(lambda _: self._request_futures.pop(msg_id, None))

    def _run_generator(
        self,
        future: Future[Any] | None,
        *,
        gen: Generator[Any, Any, Any],
        result_future: Future[Any],
    ) -> None:
        """End a built-in handler whose user's handler was cancelled; in pygls it never ends."""
        if future is not None and future.cancelled():
            gen.close()
            result_future.cancel()
        else:
            super()._run_generator(future, gen=gen, result_future=result_future)

    def _send_data(self, data: Any) -> None:
        """Queue a message for the client instead of writing it."""
        message = framed(data, self._serialize_message)
        try:
            self.outbox.put(message, _superseding_key(data), optional=_is_optional(data))
        except StalledError as error:
            self.outbox.close(discard=True)
            self.stalled(f"the connection is given up: {error}")


def is_client_error(error: BaseException | None) -> bool:
    """Return whether an error is the client's fault rather than the server's."""
    return isinstance(error, JsonRpcException) and not isinstance(error, JsonRpcInternalError)


def mute_client_errors() -> None:
    """Keep errors of the client out of the log: the client gets them as answers."""
    pygls = logging.getLogger("pygls.protocol.json_rpc")
    pygls.setLevel(logging.ERROR)
    pygls.addFilter(_is_server_error)


def _is_server_error(record: logging.LogRecord) -> bool:
    return not (record.exc_info and is_client_error(record.exc_info[1]))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _superseding_key(message: Any) -> Hashable:
    """The `Outbox` key of a message that makes older ones with the same key pointless."""
    method = getattr(message, "method", None)
    if method == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS:
        return method, message.params.uri
    if method == types.PROGRESS and isinstance(message.params.value, types.WorkDoneProgressReport):
        return method, message.params.token
    return method if method == STATUS_METHOD else None


def _is_optional(message: Any) -> bool:
    """Return whether the client loses nothing but log lines without this message."""
    return getattr(message, "method", None) == types.WINDOW_LOG_MESSAGE
