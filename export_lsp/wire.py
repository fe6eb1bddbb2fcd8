"""The messages of `protocol` as lines of JSON.

On the wire a message is its fields and ``kind``, the name of its class.  Unknown fields are
ignored, so that two versions that differ by an added field understand each other; an unknown kind
raises `ProtocolError`.  Loaded by server and worker, as `protocol` is.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Hashable

# Imported by name: user code may replace the functions of these modules.
from json import dumps, loads
from os import write
from typing import Any, Literal, TypeVar, Union

from export_lsp.protocol import Message

# More bytes than any message has, and few enough to hold in memory.
MAX_LINE_BYTES = 64 << 20


class ProtocolError(Exception):
    """A line is not a message of this protocol."""


_KINDS: dict[str, type] = {kind.__name__: kind for kind in typing.get_args(Message)}
T = TypeVar("T")

# Exceptions that data of another form raises, in `json` and in `from_json`.
_MISFITS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def encode(message: Message) -> bytes:
    """Return a message as one line, with its line end.

    The line is pure ASCII.  Lone surrogates, which user output may contain, are escaped.
    """
    body = {"kind": type(message).__name__, **dataclasses.asdict(message)}
    return dumps(body, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> Message:
    """Return the message of a line.

    Raises:
        ProtocolError: the line is not JSON, its kind is unknown, or a field is missing or of
            another type.
    """
    try:
        body = loads(line)
        kind = _KINDS[body.pop("kind")]
        return typing.cast(Message, from_json(kind, body))
    except _MISFITS as error:
        raise ProtocolError(f"{error!r} in {line[:200]!r}") from error


def send(descriptor: int, message: Message) -> None:
    """Write a message to a file descriptor.

    Raises:
        OSError: the reader has closed it.
    """
    write_all(descriptor, encode(message))


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of the data to a file descriptor, in as many writes as that takes.

    Raises:
        OSError: the reader has closed it.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[write(descriptor, rest) :]


def from_json(kind: type[T], body: Any) -> T:
    """Return an instance of the dataclass `kind` with the fields that JSON data has.

    Raises:
        TypeError, ValueError, AttributeError, OverflowError: a field is missing, is of another
            type, or has a value that the class refuses.
    """
    hints = _hints(typing.cast(Hashable, kind))
    known = {name: _value(hints[name], value) for name, value in body.items() if name in hints}
    return kind(**known)


@functools.cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _value(hint: Any, value: Any) -> Any:
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return _value(next(a for a in arguments if a is not type(None)), value)
    if origin is tuple:
        return tuple(_value(arguments[0], item) for item in _exactly(list, value))
    if origin is dict:
        return {key: _value(arguments[1], item) for key, item in _exactly(dict, value).items()}
    if origin is Literal:
        if not isinstance(value, str) or value not in arguments:
            raise TypeError(f"{value!r} is not one of {arguments}")
        return value
    if dataclasses.is_dataclass(hint):
        return from_json(typing.cast(type, hint), value)
    if hint is float and type(value) is int:
        return float(value)
    return value if hint is Any else _exactly(hint, value)


def _exactly(kind: type[T], value: Any) -> T:
    """Return the value if it is of exactly this type: a bool is no number."""
    if type(value) is not kind:
        raise TypeError(f"{value!r} is not of type {kind.__name__}")
    return value


class LineSplitter:
    """Cuts data that arrives in pieces into lines.

    Lines of more than `longest` bytes are dropped, since they are no messages of ours; `dropped`
    counts their bytes.
    """

    def __init__(self, longest: int = MAX_LINE_BYTES) -> None:
        self._longest = longest
        self._pieces: list[bytes] = []
        self._size = 0
        self.dropped = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Add a piece and return the lines that it completes, without their line ends."""
        *ends, rest = data.split(b"\n")
        lines = []
        for end in ends:
            self._add(end)
            if self._size <= self._longest:
                lines.append(b"".join(self._pieces))
            self._pieces, self._size = [], 0
        self._add(rest)
        return lines

    def _add(self, piece: bytes) -> None:
        before = self._size
        self._size += len(piece)
        if self._size <= self._longest:
            self._pieces.append(piece)
        else:
            self.dropped += len(piece) if before > self._longest else self._size
            self._pieces.clear()
