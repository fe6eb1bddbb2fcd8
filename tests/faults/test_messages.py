"""What an editor may send amiss: it is answered as the protocol says, and work goes on after it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.faults.wire import Wire, framed, message
from tests.server.editor import ERROR, Shown, gone, resident_megabytes
from tests.server.models import GUARD, GUARD_TEXT

pytestmark = pytest.mark.asyncio(loop_scope="module")

PARSE, INVALID, UNKNOWN, PARAMS, EARLY = -32700, -32600, -32601, -32602, -32002
FOUND = [Shown("data-dependent-guard", GUARD_TEXT, ERROR)]
ORIGIN = {"line": 0, "character": 0}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    tmp_path_factory: pytest.TempPathFactory, torch_python: Path
) -> AsyncIterator[Wire]:
    base = tmp_path_factory.mktemp("messages")
    (base / "workspace").mkdir()
    wire = Wire(base / "home")
    await wire.start([base / "workspace"], {"trusted": True, "interpreter": str(torch_python)})
    yield wire
    try:
        assert await wire.stop() == 0
        await gone(wire.marked_processes)
    finally:
        wire.kill_marked()


@pytest_asyncio.fixture(loop_scope="module")
async def wire(shared: Wire) -> AsyncIterator[Wire]:
    """A server that works; it has to work after the test too, without an error of its own."""
    shared.replies.clear()
    shared.errors.clear()
    yield shared
    await shared.works()
    assert shared.logged_errors() == [], shared.story()
    assert "internal error" not in str(shared.notifications)


@pytest_asyncio.fixture(loop_scope="module")
async def fresh(tmp_path: Path) -> AsyncIterator[Wire]:
    """A server that nothing has been said to."""
    wire = Wire(tmp_path / "home")
    await wire.launch()
    yield wire
    if wire.process.returncode is None:
        wire.process.kill()
    await wire.exited()
    await gone(wire.marked_processes)
    assert wire.logged_errors() == [], wire.story()


def hover(uri: str = "file:///nowhere.py", **place: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {**ORIGIN, **place}}


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


# --- what is answered --------------------------------------------------------------------------

# Bodies that no id can be told of, and the error's code.
NAMELESS = {
    "nothing": (b"", PARSE),
    "no JSON": (b"{not json", PARSE),
    "cut off": (message(id=1, method="shutdown")[:-1], PARSE),
    "not UTF-8": (b'{"jsonrpc": "2.0", "method": "\xff\xfe"}', PARSE),
    "UTF-16": (message(id=1, method="shutdown").decode().encode("utf-16"), PARSE),
    "NaN": (b'{"jsonrpc": "2.0", "id": NaN, "method": "shutdown"}', PARSE),
    "deep nesting": (nested(100_000), PARSE),
    "an unclosed tower": (b'{"a":' * 100_000, PARSE),
    "an integer of 5000 digits": (b'{"id": %s}' % (b"9" * 5000), PARSE),
    "a batch": (b"[%s]" % message(id=1, method="shutdown"), INVALID),
    "an empty batch": (b"[]", INVALID),
    "a number": (b"5", INVALID),
    "a string": (b'"shutdown"', INVALID),
    "null": (b"null", INVALID),
    "an empty object": (b"{}", INVALID),
    "an id of 1.5": (message(id=1.5, method="shutdown"), INVALID),
    "an infinite id": (b'{"jsonrpc": "2.0", "id": 1e999, "method": "shutdown"}', INVALID),
    "an id that is true": (message(id=True, method="shutdown"), INVALID),
    "an id that is a list": (message(id=[1], method="shutdown"), INVALID),
    "an id that is an object": (message(id={}, method="shutdown"), INVALID),
    "an id that is null": (message(id=None, method="shutdown"), INVALID),
    "a notification whose method is a number": (message(method=7), INVALID),
    "no method": (message(params={}), INVALID),
}

# Requests with the id "x", and the error's code.
NAMED = {
    "another version": (b'{"jsonrpc": "1.0", "id": "x", "method": "shutdown"}', INVALID),
    "no version": (b'{"id": "x", "method": "shutdown"}', INVALID),
    "a method that is a number": (message(id="x", method=7), INVALID),
    "neither method nor result": (message(id="x"), INVALID),
    "initialize again": (message(id="x", method="initialize", params={}), INVALID),
    "an unknown method": (message(id="x", method="textDocument/nothing", params={}), UNKNOWN),
    "a method of a megabyte": (message(id="x", method="m" * 2**20), UNKNOWN),
    "a method that is half a character": (message(id="x", method="\ud800"), UNKNOWN),
    "an unknown method of the protocol": (message(id="x", method="$/nothing"), UNKNOWN),
    "a notification as a request": (message(id="x", method="textDocument/didSave"), UNKNOWN),
    "params that are a string": (message(id="x", method="textDocument/hover", params="x"), PARAMS),
    "no params": (message(id="x", method="textDocument/hover"), PARAMS),
    "params that are a list": (message(id="x", method="textDocument/hover", params=[1]), PARAMS),
    "params that lack a field": (
        message(id="x", method="textDocument/hover", params={"position": ORIGIN}),
        PARAMS,
    ),
    "a line that is negative": (
        message(id="x", method="textDocument/hover", params=hover(line=-1)),
        PARAMS,
    ),
    "a line that is no integer": (
        message(id="x", method="textDocument/hover", params=hover(line="one")),
        PARAMS,
    ),
    "a line beyond 2**31": (
        message(id="x", method="textDocument/hover", params=hover(line=2**40)),
        PARAMS,
    ),
    "a tower where an object belongs": (
        b'{"jsonrpc": "2.0", "id": "x", "method": "textDocument/hover", "params": %s}'
        % nested(500),
        PARAMS,
    ),
    "an unknown command": (
        message(id="x", method="workspace/executeCommand", params={"command": "rm"}),
        PARAMS,
    ),
}

# Bodies that no answer belongs to.
SILENT = {
    "an unknown notification": message(method="exportLsp/unknown", params={"x": 1}),
    "an unknown notification of the protocol": message(method="$/unknown"),
    "a request as a notification": message(method="textDocument/hover", params=hover()),
    "an answer to nothing": message(id=10**6, result=None),
    "an error to nothing": message(id="unknown", error={"code": 1, "message": "x"}),
    "an error that is a string": message(id="unknown", error="x"),
    "both result and error": message(id="unknown", result=1, error={}),
    "cancelling what is not there": message(method="$/cancelRequest", params={"id": 10**6}),
    "cancelling a list": message(method="$/cancelRequest", params={"id": [1]}),
    "cancelling nothing": message(method="$/cancelRequest"),
    "a document without text": message(method="textDocument/didOpen", params={"x": 1}),
    "a change with params of a wrong type": message(method="textDocument/didChange", params=[[]]),
    "a bar that was never shown": message(
        method="window/workDoneProgress/cancel", params={"token": "unknown"}
    ),
    "a trace of no such kind": message(method="$/setTrace", params={"value": "loud"}),
    "settings that are a list": message(
        method="workspace/didChangeConfiguration", params={"settings": [1]}
    ),
}

# Before a message of its own.
HEADERS = {
    "no length": b"Content-Type: application/vscode-jsonrpc\r\n\r\n{}",
    "a negative length": b"Content-Length: -5\r\n\r\n{}",
    "a length that is no number": b"Content-Length: many\r\n\r\n{}",
    "a length of 30 digits": b"Content-Length: %s\r\n\r\n{}" % (b"9" * 30),
    "a length of 15 digits": b"Content-Length: %s\r\n\r\n{}" % (b"9" * 15),
    "a length that is too large": b"Content-Length: 5000\r\n\r\n{}",
    "a length that is too small": b'Content-Length: 1\r\n\r\n{"jsonrpc": "2.0"}',
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a header without end": b"X-Filling: " + b"x" * 100_000,
    "binary garbage": bytes(range(256)) * 100,
    "what a shell prints": b"Last login: today\r\n\r\n$ ",
}


@pytest.mark.parametrize("case", NAMELESS)
async def test_answered_without_an_id(wire: Wire, case: str) -> None:
    body, code = NAMELESS[case]
    wire.send(framed(body))
    answer = await wire.reply(None)
    assert answer["error"]["code"] == code
    assert len(answer["error"]["message"]) < 500


@pytest.mark.parametrize("case", NAMED)
async def test_answered(wire: Wire, case: str) -> None:
    body, code = NAMED[case]
    wire.send(framed(body))
    answer = await wire.reply("x")
    assert answer["error"]["code"] == code
    assert len(answer["error"]["message"]) < 500


@pytest.mark.parametrize("case", SILENT)
async def test_not_answered(wire: Wire, case: str) -> None:
    wire.send(framed(SILENT[case]))
    await wire.works()
    assert wire.replies == []


@pytest.mark.parametrize("case", HEADERS)
async def test_headers_that_are_none(wire: Wire, case: str) -> None:
    wire.send(HEADERS[case])
    await wire.works()
    codes = {answer["error"]["code"] for answer in wire.replies}
    assert PARSE in codes


async def test_an_id_that_is_a_whole_number_with_a_point(wire: Wire) -> None:
    wire.send(framed(message(id=7.0, method="textDocument/hover", params=hover())))
    assert (await wire.reply(7))["result"] is None


async def test_requests_with_the_same_id(wire: Wire) -> None:
    for _ in range(3):
        wire.ask("same", "textDocument/hover", hover())
    assert [(await wire.reply("same"))["result"] for _ in range(3)] == [None] * 3


# --- how it comes ------------------------------------------------------------------------------


async def test_a_message_split_at_every_byte(wire: Wire) -> None:
    assert wire.process.stdin is not None
    data = framed(message(id="split", method="textDocument/hover", params=hover()))
    for end in range(1, len(data)):
        wire.send(data[:end])
        await wire.process.stdin.drain()
        wire.send(data[end:])
        await wire.reply("split")


async def test_many_messages_in_one_write(wire: Wire) -> None:
    one = [
        framed(message(id=f"many-{n}", method="textDocument/hover", params=hover()))
        for n in range(5000)
    ]
    wire.send(b"".join(one))
    await wire.wait_until(lambda: len(wire.replies) == len(one))
    assert [answer["id"] for answer in wire.replies] == [f"many-{n}" for n in range(5000)]


async def test_a_message_of_64_megabytes(wire: Wire) -> None:
    before = resident_megabytes(wire.process.pid)
    wire.send(framed(b"[" + b" " * 2**26 + b"]"))
    answer = await wire.reply(None)
    assert "longer" in answer["error"]["message"]
    await wire.works()
    assert resident_megabytes(wire.process.pid) < before + 10


async def test_everything_amiss_and_a_save_between(
    wire: Wire, write: Callable[[str, str], Path]
) -> None:
    file = write("amiss.py", "")
    bodies = [body for body, _ in [*NAMELESS.values(), *NAMED.values()]] + list(SILENT.values())
    wire.open(file)
    for body in bodies:
        wire.send(framed(body))
    for data in HEADERS.values():
        wire.send(data)
    await wire.checked(lambda: wire.save(file, GUARD))
    assert wire.shown(file) == FOUND
    wire.close(file)


@pytest.fixture
def write(shared: Wire, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Writes a file into the folder of the shared server."""
    folder = Path(shared.environment["HOME"]).parent / "workspace"

    def write_file(name: str, text: str) -> Path:
        (folder / name).write_text(text, encoding="utf-8")
        return folder / name

    return write_file
