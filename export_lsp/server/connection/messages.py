"""Bodies to messages: what is valid JSON-RPC, and what may be sent when (LSP 3.17, "Lifecycle").

Nothing here knows a method's parameters; that is `protocol.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from lsprotocol import types

PARSE_ERROR = types.ErrorCodes.ParseError.value
INVALID_REQUEST = types.ErrorCodes.InvalidRequest.value
METHOD_NOT_FOUND = types.ErrorCodes.MethodNotFound.value
INVALID_PARAMS = types.ErrorCodes.InvalidParams.value
NOT_INITIALIZED = types.ErrorCodes.ServerNotInitialized.value
# Of a client's text so much is repeated, in characters.
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
    """The answer to a request of the server's; `error` is as it came."""

    id: Id
    result: Any
    error: Any


@dataclass(frozen=True)
class Refused:
    """What has to be answered with an error; `id` is None where the request's cannot be told."""

    id: Id | None
    code: int
    reason: str


Message = Request | Notification | Response


def read(body: bytes) -> Message | Refused:
    """The message that a body holds."""
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return Refused(None, PARSE_ERROR, f"The message is not JSON: {error}.")
    if isinstance(data, list):
        return Refused(None, INVALID_REQUEST, "Batches are not part of the protocol.")
    if not isinstance(data, dict):
        return Refused(None, INVALID_REQUEST, "The message is not an object.")
    return _message(data)


def _message(data: dict[str, Any]) -> Message | Refused:
    number = _id(data.get("id"))
    if data.get("jsonrpc") != "2.0":
        return Refused(number, INVALID_REQUEST, "The message is not JSON-RPC 2.0.")
    if "id" in data and number is None:
        return Refused(None, INVALID_REQUEST, "The id is neither an integer nor a string.")
    method = data.get("method")
    if method is None and number is not None and ("result" in data or "error" in data):
        return Response(number, data.get("result"), data.get("error"))
    if not isinstance(method, str):
        return Refused(number, INVALID_REQUEST, "The method is not a string.")
    params = data.get("params")
    if number is None:
        return Notification(method, params)
    if params is not None and not isinstance(params, dict | list):
        return Refused(number, INVALID_PARAMS, "The params are neither an object nor an array.")
    return Request(number, method, params)


def _id(value: Any) -> Id | None:
    """A message's id, None if it cannot be one.  1.0 is JSON for the integer 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def quoted(text: str) -> str:
    """A client's own text for a message to it: short, without control characters."""
    return ascii(text[:_QUOTED]) + ("…" if len(text) > _QUOTED else "")


class Life:
    """Where a connection is between ``initialize`` and ``exit``."""

    def __init__(self) -> None:
        self.initialized = False
        self.shut_down = False

    def refusal(self, message: Message) -> Refused | None:
        """Why a request may not be handled now."""
        if not isinstance(message, Request):
            return None
        if self.shut_down:
            return Refused(message.id, INVALID_REQUEST, "The server has been shut down.")
        if message.method == types.INITIALIZE:
            again = "The server has been initialized already."
            return Refused(message.id, INVALID_REQUEST, again) if self.initialized else None
        if not self.initialized:
            return Refused(message.id, NOT_INITIALIZED, "The server has not been initialized.")
        return None

    def drops(self, message: Message) -> bool:
        """Whether a notification comes too early or too late to be looked at."""
        return isinstance(message, Notification) and (not self.initialized or self.shut_down)
