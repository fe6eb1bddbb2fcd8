"""Messages to handlers, and what handlers say back to bytes.

pygls has the handlers and the types; what it makes of messages that are not as they should be is
replaced here (pygls 2.1.1).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Generator, Hashable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from cattrs import transform_error
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol, lsp_method

from export_lsp.server.client import STATUS_METHOD
from export_lsp.server.connection.messages import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    Id,
    Life,
    Message,
    Notification,
    Refused,
    Request,
    Response,
    quoted,
)
from export_lsp.server.connection.outbox import Outbox, StalledError
from export_lsp.server.documents import path_of

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

_log = logging.getLogger(__name__)

# What a handler of the protocol yields to have the server's own handler called.
Handled = Generator[Any, Any, None]
# Of what is wrong with parameters so much is told, in characters.
_DETAIL = 300


class Protocol(LanguageServerProtocol):
    """pygls's protocol without its documents, which split lines where LSP does not (2.1.1).

    `outbox` takes what is said to the client; `given_up` is called once, with the reason, when the
    client reads so little that nothing more can be kept for it.
    """

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self.life = Life()
        self.outbox = Outbox()
        self.given_up: Callable[[str], None] = _log.error

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Handled:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Handled:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Handled:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(
        self, params: types.InitializeParams
    ) -> Generator[Any, Any, types.InitializeResult]:
        """A root that names no folder is none; pygls fails on some."""
        if params.root_uri is not None and path_of(params.root_uri) is None:
            params.root_uri = None
        return (yield from super().lsp_initialize(params))

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Handled:
        """End what is being done for the client, and stop waiting for it."""
        yield self.fm.features[types.SHUTDOWN], args, None
        current = self.msg_id
        for number, future in list(self._request_futures.items()):
            if number != current:
                future.cancel()

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(self, params: types.WorkDoneProgressCancelParams) -> None:
        """lsprotocol takes any token, and pygls fails on those that cannot be looked up."""
        token = params.token
        bar = self.progress.tokens.get(token) if isinstance(token, int | str) else None
        if bar is not None:
            bar.cancel()

    # --- from the client ---------------------------------------------------------------------

    def handle(self, message: Message | Refused) -> None:
        """Answer a message, or do what it says."""
        if isinstance(message, Refused):
            self.refuse(message)
        elif isinstance(message, Response):
            self._take_answer(message)
        elif (refused := self.life.refusal(message) or self._mismatch(message)) is not None:
            self.refuse(refused)
        elif not self.life.drops(message):
            self._dispatch(message)

    def refuse(self, refused: Refused) -> None:
        """Answer with an error."""
        _log.info("refused a message of the client: %s", refused.reason)
        # Not lsprotocol's class, which leaves out an id that is null.
        error = {"code": refused.code, "message": refused.reason}
        self._send_data({"jsonrpc": "2.0", "id": refused.id, "error": error})

    def _mismatch(self, message: Request | Notification) -> Refused | None:
        """Why a request is none that can be answered; notifications like that are left alone."""
        if isinstance(message, Notification):
            return None
        if not self._has(message.method) or not self._is_request(message.method):
            reason = f"There is no request {quoted(message.method)}."
            return Refused(message.id, METHOD_NOT_FOUND, reason)
        if message.id in self._request_futures:
            reason = "Another request with this id has not been answered yet."
            return Refused(message.id, INVALID_REQUEST, reason)
        return None

    def _has(self, method: str) -> bool:
        return method in self.fm.builtin_features or method in self.fm.features

    def _is_request(self, method: str) -> bool:
        return self.get_result_type(method) is not None

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
                self.refuse(Refused(message.id, INVALID_PARAMS, error.message))
            else:
                self._server.report_server_error(error, JsonRpcInvalidParams)
            return
        if isinstance(message, Request) and message.method == types.SHUTDOWN:
            self.life.shut_down = True
        self.handle_message(structured)

    def _structured(self, message: Request | Notification) -> Any:
        data: dict[str, Any] = {"jsonrpc": "2.0", "method": message.method}
        if message.params is not None:
            data["params"] = message.params
        if isinstance(message, Request):
            data["id"] = message.id
        kind = self.get_message_type(message.method)
        return self._structure(data, kind, f"The params of {message.method} are not valid")

    def _structure(self, data: Any, kind: Any, complaint: str) -> Any:
        try:
            return self._converter.structure(data, kind)
        # The hooks of lsprotocol raise whatever comes of what they are given.
        except Exception as error:
            _log.debug("%s", complaint, exc_info=error)
            detail = "; ".join(transform_error(error))[:_DETAIL]
            raise JsonRpcInvalidParams(f"{complaint}: {detail}.") from error

    def _take_answer(self, response: Response) -> None:
        future = self._request_futures.get(response.id)
        if response.id not in self._result_types or future is None:
            _log.info("the client answers a request that is not waited for")
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
        """What the client answered; raises the error that it answered with."""
        if response.error is not None:
            data = {"code": 0, "message": "", **_object(response.error)}
            complaint = "The client's error is not valid"
            raise JsonRpcException.from_error(self._structure(data, types.ResponseError, complaint))
        if kind is None:
            return response.result
        data = {"jsonrpc": "2.0", "id": response.id, "result": response.result}
        return self._structure(data, kind, "The client's answer is not valid").result

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        """Only the client's own requests: pygls would also cancel those to the client."""
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
        """pygls forgets what it has called for a request, but nothing else that it called."""
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
        """A handler that was cancelled ends the one that called it; pygls lets it hang."""
        if future is not None and future.cancelled():
            gen.close()
            result_future.cancel()
        else:
            super()._run_generator(future, gen=gen, result_future=result_future)

    # --- to the client -----------------------------------------------------------------------

    def _send_data(self, data: Any) -> None:
        """Queue a message."""
        body = json.dumps(data, default=self._serialize_message).encode()
        head = b"Content-Length: %d\r\n\r\n" % len(body)
        try:
            self.outbox.put(head + body, _outdated(data), optional=_optional(data))
        except StalledError as error:
            self.outbox.close(discard=True)
            self.given_up(f"the connection is given up: {error}")


def is_clients(error: BaseException | None) -> bool:
    """Whether an error is the client's rather than ours."""
    return isinstance(error, JsonRpcException) and not isinstance(error, JsonRpcInternalError)


def mute_pygls() -> None:
    """Leave out of the log what the client did amiss: it has its answer."""
    pygls = logging.getLogger("pygls.protocol.json_rpc")
    pygls.setLevel(logging.ERROR)
    pygls.addFilter(_is_ours)


def _is_ours(record: logging.LogRecord) -> bool:
    return not (record.exc_info and is_clients(record.exc_info[1]))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _outdated(message: Any) -> Hashable:
    """What older messages, if they still wait, mean nothing beside this one; None if none do."""
    method = getattr(message, "method", None)
    if method == types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS:
        return method, message.params.uri
    if method == types.PROGRESS and isinstance(message.params.value, types.WorkDoneProgressReport):
        return method, message.params.token
    return method if method == STATUS_METHOD else None


def _optional(message: Any) -> bool:
    """Whether the client loses nothing but text by not being sent this."""
    return getattr(message, "method", None) == types.WINDOW_LOG_MESSAGE
