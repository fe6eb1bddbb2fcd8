"""The parser of the base protocol: after any garbage the next well-formed message is read."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from export_lsp.server.connection.frames import (
    HEADER_LIMIT,
    Body,
    BrokenFrame,
    Frame,
    FrameParser,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
INDENTS = st.none() | st.integers(0, 4)
BODIES = st.builds(
    lambda value, indent, plain: json.dumps(value, indent=indent, ensure_ascii=plain).encode(
        "utf-8", "replace"
    ),
    VALUES,
    INDENTS,
    st.booleans(),
)
# Pieces of frames: garbage then resembles the output of a broken client.
PIECES = st.sampled_from(
    [
        b"Content-Length: 5\r\n\r\n",
        b"content-length:70",
        b"Content-Length: 999999\r\n\r\n",
        b"Content-Length: 99999999999\n\n",
        b"Content-Length: -1\r\n",
        b"Content-Len",
        b"Content-Length: 1",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n",
        b"\r\n",
        b"\r\n\r",
        b"\n\n",
        b'{"jsonrpc": "2.0"',
        b"}",
        b"C",
        b"x" * 9000,
    ]
)
GARBAGE = st.lists(PIECES | st.binary(max_size=30), max_size=8).map(b"".join)


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def parsed(chunks: Iterable[bytes], body_limit: int = 10**6) -> list[Frame]:
    parser = FrameParser(body_limit)
    return [frame for chunk in chunks for frame in parser.feed(chunk)]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places})
    return [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)], strict=True)]


@settings(deadline=None)
@given(st.lists(BODIES, max_size=5), st.lists(st.integers(0, 10**6), max_size=20))
def test_messages_survive_any_splitting(bodies: list[bytes], places: list[int]) -> None:
    data = b"".join(map(framed, bodies))
    assert parsed(cut(data, places)) == [Body(body) for body in bodies]


@settings(deadline=None)
@given(GARBAGE, BODIES, st.lists(st.integers(0, 10**6), max_size=20))
@example(b"Content-Length: 3\r\n\r\n", b"{}", [])
@example(b"Content-Length: 18\r\n\r\nContent-Length:0\n!", b"{}", [])
@example(b"Content-Length: 5\r\nX: y", b"{}", [])
@example(b"Content-Length: 1", b"{}", [17])
@example(b"Content-Length: 99999999999\r\n\r\n{}", b"{}", [])
def test_after_any_garbage_a_message_is_read(
    garbage: bytes, body: bytes, places: list[int]
) -> None:
    frames = parsed(cut(garbage + framed(body), places))
    assert frames[-1] == Body(body)


@settings(deadline=None)
@given(GARBAGE.filter(lambda data: len(data) < HEADER_LIMIT // 2), st.lists(st.integers(0, 10**6)))
def test_the_splitting_of_bytes_does_not_matter(data: bytes, places: list[int]) -> None:
    assert parsed(cut(data, places)) == parsed([data])


@settings(deadline=None)
@given(st.lists(GARBAGE, max_size=20))
def test_the_buffer_stays_small(chunks: list[bytes]) -> None:
    parser = FrameParser(body_limit=100)
    for chunk in chunks:
        list(parser.feed(chunk))
        assert parser.kept <= HEADER_LIMIT


@pytest.mark.parametrize(
    "header",
    [
        b"content-length: 2\r\n\r\n",
        b"CONTENT-LENGTH:2\r\n\r\n",
        b"Content-Length: 2\n\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc\r\n\r\n",
        b"Content-Length: 2\r\nX-Other: 3\r\nContent-Length: 2\r\n\r\n",
        b"\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_valid_headers(header: bytes) -> None:
    assert parsed([header + b"{}"]) == [Body(b"{}")]


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: application/vscode-jsonrpc\r\n\r\n",
        b"Content-Length: -2\r\n\r\n",
        b"Content-Length: two\r\n\r\n",
        b"Content-Length: \r\n\r\n",
        b"Content-Length: 0x2\r\n\r\n",
        b"Content-Length: 99999999999999999999999\r\n\r\n",
        b"no header\r\n\r\n",
        b"\xff\xfe\x00\r\n\r\n",
    ],
)
def test_an_invalid_header_is_reported_once(header: bytes) -> None:
    frames = parsed([header + b'{"x": 1}' + framed(b"[1]") + framed(b"[2]")])
    assert frames == [
        BrokenFrame("a header has no valid Content-Length"),
        Body(b"[1]"),
        Body(b"[2]"),
    ]


def test_the_last_of_two_lengths_counts() -> None:
    frames = parsed([b"Content-Length: 7\r\nContent-Length: 2\r\n\r\n{}" + framed(b"[]")])
    assert frames == [BrokenFrame("a header has no valid Content-Length"), Body(b"{}"), Body(b"[]")]


def test_a_body_that_is_too_long_is_skipped() -> None:
    frames = parsed([framed(b"[" * 1000), framed(b"[]")], body_limit=999)
    assert frames == [BrokenFrame("a message of 1000 bytes is longer than 999"), Body(b"[]")]


def test_a_body_that_is_too_long_is_not_buffered() -> None:
    parser = FrameParser(body_limit=999)
    list(parser.feed(b"Content-Length: 2000\r\n\r\n"))
    for _ in range(19):
        list(parser.feed(b" " * 100))
        assert parser.kept <= 100


def test_a_header_without_end_is_not_buffered() -> None:
    frames = parsed([b"x" * 1000] * 100 + [framed(b"[]")])
    assert frames == [BrokenFrame("a header has no end"), Body(b"[]")]
