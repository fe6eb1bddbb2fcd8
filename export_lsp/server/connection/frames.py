"""Bytes to the bodies of messages (LSP 3.17, Base Protocol), with garbage anywhere between them.

After any garbage the next well-formed message is read.  This relies on a property of JSON: its
strings contain no line ends, so a header line is never part of a body.  A body that contains one
was cut short, and the next message begins there.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

# In bytes; a usual header has about 30.
HEADER_LIMIT = 8192
# In bytes; a file of 50,000 lines has about 2 MB.
BODY_LIMIT = 32 * 2**20

_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH = re.compile(
    rb"content-length[ \t]{0,8}:[ \t]{0,8}(\d{1,18})[ \t]{0,8}\r?\n", re.IGNORECASE
)
# The longest line that `_LENGTH` matches, in bytes.
_LINE_LIMIT = 64
_AFTER_NAME = re.compile(rb"[ \t]*(?::[ \t]*(?:\d+[ \t]*\r?)?)?")


@dataclass(frozen=True)
class Body:
    """The body of one message."""

    data: bytes


@dataclass(frozen=True)
class BrokenFrame:
    """Bytes that are not a message; `reason` is a clause without a full stop."""

    reason: str


Frame = Body | BrokenFrame


class FrameParser:
    """Splits a stream of bytes into frames.

    It buffers at most one body; a message longer than `body_limit` bytes is skipped.
    """

    def __init__(self, body_limit: int = BODY_LIMIT) -> None:
        self._limit = body_limit
        self._buffer = bytearray()
        self._length: int | None = None  # of the rest of the current body, None in a header
        self._skipping = False  # the current body is too long
        self._scanned = 0  # how much of the current body was searched for a header line
        self._lost = False  # a `BrokenFrame` has reported the garbage that is being skipped

    @property
    def kept(self) -> int:
        """The number of bytes that wait for the rest of their frame."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Iterate over the frames that `data` completes; exhaust it before the next call."""
        self._buffer += data
        more = True
        while more:
            more = yield from self._next()

    def _next(self) -> Generator[Frame, None, bool]:
        """Parse one step; return False if it needs more bytes."""
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
        length = _strict_length(block)
        if length is None:
            yield from self._lose("a header has no valid Content-Length")
            length = _lenient_length(block)
        if length is not None:
            self._lost, self._length, self._scanned = False, length, 0
            self._skipping = length > self._limit
            if self._skipping:
                yield BrokenFrame(f"a message of {length} bytes is longer than {self._limit}")
        return True

    def _lose(self, reason: str) -> Iterator[Frame]:
        """Report garbage, once until the next valid header."""
        if not self._lost:
            self._lost = True
            yield BrokenFrame(reason)

    # --- bodies ------------------------------------------------------------------------------

    def _cut_short(self, length: int) -> Generator[Frame, None, bool]:
        """Return whether the body contains the next header; then drop its beginning."""
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
        yield BrokenFrame("a message is shorter than its Content-Length")
        return True

    def _body(self, length: int) -> Generator[Frame, None, bool]:
        if len(self._buffer) < length:
            return False
        yield Body(self._take(length))
        return True

    def _skip(self, length: int) -> bool:
        """Drop the received part of a body that is too long; return False if more follows."""
        if len(self._buffer) >= length:
            self._take(length)
            return True
        gone = max(0, len(self._buffer) - _LINE_LIMIT)
        del self._buffer[:gone]
        self._length = length - gone
        self._scanned = len(self._buffer)
        return False

    def _take(self, length: int) -> bytes:
        """Remove and return a body's bytes; the possible start of a next header stays."""
        body = bytes(self._buffer[:length])
        del self._buffer[: length - _header_start(body[-_LINE_LIMIT:])]
        self._length = None
        return body


def _strict_length(block: bytes) -> int | None:
    """The Content-Length of a valid header, None for any other."""
    if len(set(_LENGTH.findall(block + b"\n"))) > 1:
        return None  # the right one may be in what looks like another field
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


def _lenient_length(block: bytes) -> int | None:
    """The last Content-Length that ends a line, whatever garbage precedes it."""
    lengths = _LENGTH.findall(block + b"\n")
    return int(lengths[-1]) if lengths else None


def _header_start(end: bytes) -> int:
    """The number of bytes at a body's end that begin a header line; valid JSON never ends so."""
    name = b"content-length"
    for start in range(len(end)):
        rest = end[start:].lower()
        if name.startswith(rest[: len(name)]) and _AFTER_NAME.fullmatch(rest[len(name) :]):
            return len(rest)
    return 0
