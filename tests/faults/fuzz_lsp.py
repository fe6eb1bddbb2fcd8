"""Fuzz the messages from an editor: whole sessions of valid, altered and garbled messages.

They go through the real parser, protocol and session, in this process.  After any input, no error
has been logged, and a last well-formed request is answered.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pygls.protocol import default_converter

from export_lsp.server import app
from export_lsp.server.app import Server, make_server
from export_lsp.server.connection.connection import Connection
from export_lsp.server.connection.endpoint import mute_client_errors
from export_lsp.server.connection.frames import Body, FrameParser
from export_lsp.server.connection.messages import Rejection, parse
from tests.faults.fuzz_worker import ODD
from tests.faults.messages import (
    HEADERS,
    NAMED,
    NAMELESS,
    ODD_URIS,
    SILENT,
    document_messages,
    hover,
)
from tests.faults.raw_editor import framed, message

_CONVERTER = default_converter()  # type: ignore[no-untyped-call]
LAST = "the last request"

HELLO = [
    message(id=0, method="initialize", params={"processId": None, "capabilities": {}}),
    message(method="initialized", params={}),
]
_BODIES = [
    *HELLO,
    *(
        body
        for uri in ["file:///nowhere/model.py", *ODD_URIS.values()]
        for body in document_messages(uri[:300])
    ),
    *(body for body, _ in [*NAMELESS.values(), *NAMED.values()] if len(body) < 1000),
    *SILENT.values(),
    message(id=1, method="shutdown"),
    message(method="exit"),
    message(method="workspace/didChangeConfiguration", params={"settings": {"exportLsp": {}}}),
    message(id=2, method="codeAction/resolve", params={"title": "x", "data": {"offer": "y"}}),
    *(
        message(id=3, method="workspace/executeCommand", params={"command": f"exportLsp.{name}"})
        for name in ("check", "restart")
    ),
]
_TREES = [
    body for body in _BODIES if not isinstance(parse(body), Rejection) and b'"params": {' in body
]


def one_of(values: list[bytes]) -> st.SearchStrategy[bytes]:
    """Draw one of the values; `sampled_from` would print all of them for a failing example."""
    return st.integers(0, len(values) - 1).map(values.__getitem__)


bodies = one_of(_BODIES)


@st.composite
def altered(draw: st.DrawFn) -> bytes:
    """Draw a message in which one value, at any depth, is replaced or missing."""
    tree = json.loads(draw(one_of(_TREES)))
    place, key = draw(st.sampled_from(list(_places(tree))))
    if draw(st.booleans()):
        place[key] = draw(ODD)
    else:
        del place[key]
    return json.dumps(tree).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every container in a value, at any depth, with each of its keys."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(items):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


@st.composite
def spliced(draw: st.DrawFn) -> bytes:
    """Draw a message and its header, with a part of both replaced by other bytes."""
    data = framed(draw(bodies))
    start = draw(st.integers(0, len(data)))
    end = draw(st.integers(start, min(len(data), start + 40)))
    return data[:start] + draw(st.binary(max_size=10)) + data[end:]


pieces = st.one_of(
    bodies.map(framed),
    altered().map(framed),
    spliced(),
    st.binary(max_size=100).map(framed),
    st.binary(max_size=100),
    one_of([data for data in HEADERS.values() if len(data) < 1000]),
)


@dataclass(frozen=True)
class Input:
    """The bytes of a session: pieces, after a handshake if `greeted`, and where they are cut."""

    greeted: bool
    pieces: list[bytes]
    cuts: list[int]


inputs = st.builds(
    Input,
    st.integers(0, 9).map(bool),
    st.lists(pieces, max_size=12),
    st.lists(st.integers(0, 4000), max_size=4),
)


class Errors(logging.Handler):
    """Keeps the records logged as errors."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(logging.Formatter().format(record))


async def send_input(sent: Input, errors: Errors, counts: Counter[str]) -> None:
    """Send an input and a last request; fail unless that is answered and no error is logged."""
    connection = Connection(make_server())
    greeting = list(map(framed, HELLO)) if sent.greeted else []
    data = b"".join(greeting + sent.pieces)
    for chunk in _cut(data, sent.cuts):
        connection.receive(chunk)
        # Let handlers that are tasks run.
        await asyncio.sleep(0)
    counts["bytes"] += len(data)
    counts["messages"] += len(greeting) + len(sent.pieces)
    if connection.ended:
        counts["restarts"] += 1
        await _close(connection)
        connection = Connection(make_server())
    last = message(id=LAST, method="textDocument/hover", params=hover())
    connection.receive(framed(last))
    await asyncio.sleep(0)
    answers = await _close(connection)
    counts.update(f"answers {_kind(answer)}" for answer in answers if "method" not in answer)
    assert LAST in [answer.get("id") for answer in answers]
    assert errors.records == []


async def _close(connection: Connection[Server]) -> list[Any]:
    """Close a connection; return all messages that it has sent."""
    outbox = connection.server.protocol.outbox
    outbox.close()
    output = b""
    while (data := outbox.take()) is not None:
        output += data
    await connection.server.close()
    frames = list(FrameParser().feed(output))
    return [json.loads(frame.data) for frame in frames if isinstance(frame, Body)]


def _kind(answer: Any) -> str:
    return f"with {answer['error']['code']}" if "error" in answer else "with a result"


def _cut(data: bytes, places: list[int]) -> Iterator[bytes]:
    ends = sorted({place for place in places if 0 < place < len(data)})
    for start, end in zip([0, *ends], [*ends, len(data)], strict=True):
        if start < end:
            yield data[start:end]


def sender(errors: Errors, counts: Counter[str]) -> Callable[[Input], None]:
    """Return a function that sends an input, on an event loop of its own."""

    def send(sent: Input) -> None:
        errors.records.clear()
        counts["examples"] += 1
        asyncio.run(send_input(sent, errors, counts))

    return send


def fuzz(examples: int, number: int) -> dict[str, int]:
    """Send this many sessions, drawn with the seed `number`; return counts of input and answers."""
    counts: Counter[str] = Counter(examples=0, messages=0, bytes=0, restarts=0)
    errors = Errors()
    run = given(inputs)(sender(errors, counts))
    run = settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.reuse, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )(seed(number)(run))
    mute_client_errors()
    root = logging.getLogger()
    root.addHandler(errors)
    try:
        with tempfile.TemporaryDirectory() as home:
            directories = {"HOME": home, "XDG_STATE_HOME": home, "XDG_CACHE_HOME": home}
            # One converter for all: creating it takes longer than a session.
            converter = mock.patch.object(app, "default_converter", return_value=_CONVERTER)
            with mock.patch.dict(os.environ, directories), converter:
                run()
    finally:
        root.removeHandler(errors)
    return dict(counts)
