"""Messages as lines of JSON, between server and worker.

On the wire a message is its fields plus ``kind``, the class's name.  Unknown fields are ignored and
unknown kinds raise `ProtocolError`, so that two versions that differ by an added field still
understand each other.

Loaded by both sides, as `protocol` is.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Hashable

# User code may put its own in the place of these.
from json import dumps, loads
from os import write
from typing import Any, Literal, TypeVar, Union

from export_lsp.protocol import Message

# Bytes of a line: more than any message has, and less than hurts.
MAX_LINE_BYTES = 64 << 20


class ProtocolError(Exception):
    """A line that is no message of this protocol."""


_KINDS: dict[str, type] = {kind.__name__: kind for kind in typing.get_args(Message)}
T = TypeVar("T")

# What is raised of data that does not fit: an `OverflowError` of numbers, a `LookupError` of names.
_MISFITS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def encode(message: Message) -> bytes:
    """The message as one line, newline included.

    The line is pure ASCII and holds lone surrogates as escapes: user output may contain them.
    """
    body = {"kind": type(message).__name__, **dataclasses.asdict(message)}
    return dumps(body, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> Message:
    """The message of a line.

    Raises:
        ProtocolError: the line is not JSON, its kind is unknown or a field does not fit.
    """
    try:
        body = loads(line)
        kind = _KINDS[body.pop("kind")]
        return typing.cast(Message, structure(kind, body))
    except _MISFITS as error:
        raise ProtocolError(f"{error!r} in {line[:200]!r}") from error


def send(descriptor: int, message: Message) -> None:
    """Write a message to a descriptor.

    Raises:
        OSError: Nobody reads it.
    """
    write_all(descriptor, encode(message))


def write_all(descriptor: int, data: bytes) -> None:
    """Write to a descriptor that may take less at a time.

    Raises:
        OSError: Nobody reads it.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[write(descriptor, rest) :]


def structure(kind: type[T], body: Any) -> T:
    """JSON data as an instance of the dataclass `kind`.

    Raises:
        TypeError, ValueError, AttributeError, OverflowError: a field is missing, of another type,
            or has a value that it cannot have.
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
        return tuple(_value(arguments[0], item) for item in _of(list, value))
    if origin is dict:
        return {key: _value(arguments[1], item) for key, item in _of(dict, value).items()}
    if origin is Literal:
        if not isinstance(value, str) or value not in arguments:
            raise TypeError(f"{value!r} is not one of {arguments}")
        return value
    if dataclasses.is_dataclass(hint):
        return structure(typing.cast(type, hint), value)
    if hint is float and type(value) is int:
        return float(value)
    return value if hint is Any else _of(hint, value)


def _of(kind: type[T], value: Any) -> T:
    """The value, which has to be of this very kind: a bool is no number."""
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


class LineSplitter:
    """Cuts what comes in pieces into lines; `dropped` counts the bytes of those that are too long,
    which are no messages of ours."""

    def __init__(self, longest: int = MAX_LINE_BYTES) -> None:
        self._longest = longest
        self._begun: list[bytes] = []
        self._size = 0
        self.dropped = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete with this piece."""
        *ends, rest = data.split(b"\n")
        lines = []
        for end in ends:
            self._add(end)
            if self._size <= self._longest:
                lines.append(b"".join(self._begun))
            self._begun, self._size = [], 0
        self._add(rest)
        return lines

    def _add(self, piece: bytes) -> None:
        before = self._size
        self._size += len(piece)
        if self._size <= self._longest:
            self._begun.append(piece)
        else:
            self.dropped += len(piece) if before > self._longest else self._size
            self._begun.clear()
