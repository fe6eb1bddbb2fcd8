"""Bodies to messages: valid JSON-RPC 2.0, at a valid time (LSP 3.17, Server lifecycle).

The parameters of a message are the business of `endpoint`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from lsprotocol import types

PARSE_ERROR = types.ErrorCodes.ParseError.value
INVALID_REQUEST = types.ErrorCodes.InvalidRequest.value
METHOD_NOT_FOUND = types.ErrorCodes.MethodNotFound.value
INVALID_PARAMS = types.ErrorCodes.InvalidParams.value
NOT_INITIALIZED = types.ErrorCodes.ServerNotInitialized.value
# How much of a client's text a message to it repeats, in characters.
_QUOTED = 100

Id = int | str


@dataclass(frozen=True)
class Request:
    id: Id
    method: str
    params: Any


@dataclass(frozen=True)
class Notification:
    method: str
    params: Any


@dataclass(frozen=True)
class Response:
    """The client's answer to a request of the server; `error` is unchecked JSON data."""

    id: Id
    result: Any
    error: Any


@dataclass(frozen=True)
class Rejection:
    """An error to answer with; `id` is None if the id of the request is unknown."""

    id: Id | None
    code: int
    reason: str


Message = Request | Notification | Response


def parse(body: bytes) -> Message | Rejection:
    """Return the message of a body, or why it is not a message (JSON-RPC 2.0)."""
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return Rejection(None, PARSE_ERROR, f"The message is not JSON: {error}.")
    if isinstance(data, list):
        return Rejection(None, INVALID_REQUEST, "Batches are not part of the protocol.")
    if not isinstance(data, dict):
        return Rejection(None, INVALID_REQUEST, "The message is not an object.")
    return _message(data)


def _message(data: dict[str, Any]) -> Message | Rejection:
    number = _id(data.get("id"))
    if data.get("jsonrpc") != "2.0":
        return Rejection(number, INVALID_REQUEST, "The message is not JSON-RPC 2.0.")
    if "id" in data and number is None:
        return Rejection(None, INVALID_REQUEST, "The id is neither an integer nor a string.")
    method = data.get("method")
    if method is None and number is not None and ("result" in data or "error" in data):
        return Response(number, data.get("result"), data.get("error"))
    if not isinstance(method, str):
        return Rejection(number, INVALID_REQUEST, "The method is not a string.")
    params = data.get("params")
    if number is None:
        return Notification(method, params)
    if params is not None and not isinstance(params, dict | list):
        return Rejection(number, INVALID_PARAMS, "The params are neither an object nor an array.")
    return Request(number, method, params)


def _id(value: Any) -> Id | None:
    """The id of a message, None if it is not valid; 1.0 is the integer 1 in JSON."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def error_response(rejection: Rejection) -> dict[str, Any]:
    """Return the data of an answer with an error; lsprotocol's class omits an id that is null."""
    error = {"code": rejection.code, "message": rejection.reason}
    return {"jsonrpc": "2.0", "id": rejection.id, "error": error}


def framed(data: Any, default: Callable[[Any], Any] | None = None) -> bytes:
    """Return a message with its header (LSP 3.17, Base Protocol).

    `default` converts what JSON does not have.
    """
    body = json.dumps(data, default=default).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def quoted(text: str) -> str:
    """Return a client's text for a message to it: shortened, control characters escaped."""
    return ascii(text[:_QUOTED]) + ("…" if len(text) > _QUOTED else "")


class Lifecycle:
    """The state of a connection (LSP 3.17, Server lifecycle)."""

    def __init__(self) -> None:
        self.initialized = False
        self.shut_down = False

    def rejection(self, message: Message) -> Rejection | None:
        """Return the error for a request that must not be handled now, None if it may be."""
        if not isinstance(message, Request):
            return None
        if self.shut_down:
            return Rejection(message.id, INVALID_REQUEST, "The server has been shut down.")
        if message.method == types.INITIALIZE:
            again = "The server has been initialized already."
            return Rejection(message.id, INVALID_REQUEST, again) if self.initialized else None
        if not self.initialized:
            return Rejection(message.id, NOT_INITIALIZED, "The server has not been initialized.")
        return None

    def drops(self, message: Message) -> bool:
        """Return whether to drop a message: a notification outside the connection's life."""
        return isinstance(message, Notification) and (not self.initialized or self.shut_down)
