"""Bytes to the bodies of messages (LSP 3.17, "Base Protocol"), whatever comes in between.

After any garbage the next well-formed message is read.  That rests on one property of JSON: it has
no line ends inside strings, so the line of a header can never be part of a body.  A body in which
there is one was cut short, and the next message begins there.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

# Clients send some 30 bytes of header.
HEADER_LIMIT = 8192
# A file of 50,000 lines is some 2 MB.
BODY_LIMIT = 32 * 2**20

_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH = re.compile(
    rb"content-length[ \t]{0,8}:[ \t]{0,8}(\d{1,18})[ \t]{0,8}\r?\n", re.IGNORECASE
)
# No line that `_LENGTH` matches is longer.
_LINE_LIMIT = 64
_AFTER_NAME = re.compile(rb"[ \t]*(?::[ \t]*(?:\d+[ \t]*\r?)?)?")


@dataclass(frozen=True)
class Body:
    """What one message says, as it came."""

    data: bytes


@dataclass(frozen=True)
class Broken:
    """Something that is no message; `reason` is a sentence's beginning without its end."""

    reason: str


Frame = Body | Broken


class Parser:
    """Takes bytes as they come and gives what is complete.  Keeps at most one body."""

    def __init__(self, body_limit: int = BODY_LIMIT) -> None:
        self._limit = body_limit
        self._buffer = bytearray()
        self._length: int | None = None  # of the body that is being read, what is left of it
        self._skipping = False
        self._scanned = 0
        self._lost = False

    @property
    def kept(self) -> int:
        """How many bytes wait for more."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete with `data`; to be read to the end before the next call."""
        self._buffer += data
        more = True
        while more:
            more = yield from self._next()

    def _next(self) -> Generator[Frame, None, bool]:
        """Go one step; False if more bytes are needed."""
        if self._length is None:
            return (yield from self._header())
        if (yield from self._cut_short(self._length)):
            return True
        if self._skipping:
            return self._skip(self._length)
        return (yield from self._body(self._length))

    # --- headers -----------------------------------------------------------------------------

    def _header(self) -> Generator[Frame, None, bool]:
        blank = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
        del self._buffer[:blank]
        end = _END.search(self._buffer)
        if end is None:
            if len(self._buffer) > HEADER_LIMIT:
                yield from self._lose("a header has no end")
                del self._buffer[: -HEADER_LIMIT // 2]
            return False
        block = bytes(self._buffer[: end.start()])
        del self._buffer[: end.end()]
        length = _strict(block)
        if length is None:
            yield from self._lose("a header has no valid Content-Length")
            length = _lenient(block)
        if length is not None:
            self._lost, self._length, self._scanned = False, length, 0
            self._skipping = length > self._limit
            if self._skipping:
                yield Broken(f"a message of {length} bytes is longer than {self._limit}")
        return True

    def _lose(self, reason: str) -> Iterator[Frame]:
        """Say once that what comes makes no sense, until it does again."""
        if not self._lost:
            self._lost = True
            yield Broken(reason)

    # --- bodies ------------------------------------------------------------------------------

    def _cut_short(self, length: int) -> Generator[Frame, None, bool]:
        """Whether the next header has come before the body's end."""
        here = min(len(self._buffer), length)
        start = max(0, self._scanned - _LINE_LIMIT)
        self._scanned = here
        if self._buffer.find(b"\n", start, here) < 0:
            return False
        line = _LENGTH.search(self._buffer, start, here)
        if line is None:
            return False
        del self._buffer[: line.start()]
        self._length = None
        yield Broken("a message is shorter than its Content-Length")
        return True

    def _body(self, length: int) -> Generator[Frame, None, bool]:
        if len(self._buffer) < length:
            return False
        yield Body(self._take(length))
        return True

    def _skip(self, length: int) -> bool:
        """Leave out a body that is too long."""
        if len(self._buffer) >= length:
            self._take(length)
            return True
        gone = max(0, len(self._buffer) - _LINE_LIMIT)
        del self._buffer[:gone]
        self._length = length - gone
        self._scanned = len(self._buffer)
        return False

    def _take(self, length: int) -> bytes:
        """A body's bytes; what may be the beginning of the next header stays."""
        body = bytes(self._buffer[:length])
        del self._buffer[: length - _begun(body[-_LINE_LIMIT:])]
        self._length = None
        return body


def _strict(block: bytes) -> int | None:
    """The length that a header tells, None if it is not a header as it should be."""
    if len(set(_LENGTH.findall(block + b"\n"))) > 1:
        return None  # The one that counts may stand in what looks like another field.
    lengths = set()
    for line in _LINE_END.split(block):
        name, colon, value = line.partition(b":")
        name = name.strip().lower()
        if not colon or not _NAME.fullmatch(name):
            return None
        if name == b"content-length":
            lengths.add(value.strip())
    if len(lengths) != 1:
        return None
    (length,) = lengths
    return int(length) if re.fullmatch(rb"\d{1,18}", length) else None


def _lenient(block: bytes) -> int | None:
    """The last length that stands at the end of a line: what precedes it is garbage."""
    lengths = _LENGTH.findall(block + b"\n")
    return int(lengths[-1]) if lengths else None


def _begun(end: bytes) -> int:
    """How many bytes at the end of a body begin a header's line.  No valid JSON ends like that."""
    name = b"content-length"
    for start in range(len(end)):
        rest = end[start:].lower()
        if name.startswith(rest[: len(name)]) and _AFTER_NAME.fullmatch(rest[len(name) :]):
            return len(rest)
    return 0
