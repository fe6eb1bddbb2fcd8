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


# --- documents ---------------------------------------------------------------------------------

# URIs that name no file that could be checked.
ODD = {
    "empty": "",
    "unsaved": "untitled:Untitled-1",
    "another scheme": "git:/model.py?ref=HEAD",
    "a scheme alone": "file:",
    "no path": "file://",
    "the root": "file:///",
    "relative": "file:model.py",
    "with NUL": "file:///folder/mo%00del.py",
    "with a raw NUL": "file:///folder/mo\0del.py",
    "a bracket": "file://[::1/model.py",
    "a host": "file://host/share/model.py",
    "half a character": "file:///folder/\ud800.py",
    "not UTF-8": "file:///folder/%ff.py",
    "very long": "file:///" + "x" * 100_000 + ".py",
    "very deep": "file:///" + "x/" * 5000 + "model.py",
    "percent": "file:///folder/100%.py",
    "a directory": "file:///tmp",
    "a device": "file:///dev/stdin",
    "no URI": "model.py",
}


def life(uri: str, text: str = GUARD) -> list[bytes]:
    """All that is said about one document."""
    identifier = {"uri": uri, "version": 2}
    document = {"uri": uri}
    start_to_end = {"start": ORIGIN, "end": ORIGIN}
    item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    changes = [{"range": start_to_end, "text": "#"}]
    context: dict[str, Any] = {"diagnostics": []}
    action = {"textDocument": document, "range": start_to_end, "context": context}
    event = {"added": [{"uri": uri, "name": "x"}], "removed": []}
    said: list[tuple[str, Any]] = [
        ("textDocument/didOpen", {"textDocument": item}),
        ("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes}),
        ("textDocument/didSave", {"textDocument": document}),
        ("textDocument/hover", hover(uri)),
        ("textDocument/codeAction", action),
        ("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 2}]}),
        ("workspace/executeCommand", {"command": "exportLsp.check", "arguments": [uri]}),
        ("workspace/didChangeWorkspaceFolders", {"event": event}),
        ("textDocument/didClose", {"textDocument": document}),
        ("workspace/didChangeWorkspaceFolders", {"event": {**event, "added": []}}),
    ]
    requests = ("textDocument/hover", "textDocument/codeAction", "workspace/executeCommand")
    return [
        message(method=method, params=params, **({"id": method} if method in requests else {}))
        for method, params in said
    ]


@pytest.mark.parametrize("case", ODD)
async def test_documents_that_are_no_files(wire: Wire, case: str) -> None:
    for body in life(ODD[case]):
        wire.send(framed(body))
    for method in ("textDocument/hover", "textDocument/codeAction", "workspace/executeCommand"):
        assert "error" not in await wire.reply(method)


@pytest.mark.parametrize("case", ["", "unsaved", "with NUL", "a bracket", "no URI"])
async def test_roots_that_are_no_folders(fresh: Wire, case: str) -> None:
    uri = ODD.get(case, case)
    folders = [{"uri": uri, "name": "x"}]
    params = {"rootUri": uri, "rootPath": "x", "workspaceFolders": folders}
    fresh.ask(1, "initialize", {"processId": None, "capabilities": {}, **params})
    assert "result" in await fresh.reply(1)
    fresh.ask(2, "initialize", {"processId": None, "capabilities": {}, "rootUri": None})
    assert (await fresh.reply(2))["error"]["code"] == INVALID
    fresh.notify("initialized", {})
    await fresh.works()


async def test_half_characters_in_a_text(wire: Wire, write: Callable[[str, str], Path]) -> None:
    file = write("half.py", GUARD)
    for body in life(file.as_uri(), f"{GUARD}# \ud800\n"):
        wire.send(framed(body))
    await wire.works()


async def test_a_document_in_the_wrong_order(wire: Wire, write: Callable[[str, str], Path]) -> None:
    """Said of a file that is not open, twice, with versions that go back, and outside the text."""
    file = write("order.py", "")
    identifier = {"uri": file.as_uri()}
    far = {"line": 10**6, "character": 10**6}
    wire.notify("textDocument/didClose", {"textDocument": identifier})
    wire.notify("textDocument/didSave", {"textDocument": identifier})
    for version in (5, -3, 5):
        wire.notify(
            "textDocument/didChange",
            {
                "textDocument": {**identifier, "version": version},
                "contentChanges": [{"text": "lost"}],
            },
        )
    wire.open(file, "")
    wire.open(file, "")
    backwards = [
        {"range": {"start": far, "end": ORIGIN}, "text": "x"},
        {"range": {"start": far, "end": far}, "text": "y\n"},
        {"range": {"start": ORIGIN, "end": far}, "text": ""},
    ]
    for version in (7, 2, 2):
        wire.notify(
            "textDocument/didChange",
            {"textDocument": {**identifier, "version": version}, "contentChanges": backwards},
        )
    await wire.checked(lambda: wire.save(file, GUARD))
    assert wire.shown(file) == FOUND
    wire.close(file)
    wire.notify("textDocument/didClose", {"textDocument": identifier})


# --- before and after --------------------------------------------------------------------------


async def test_before_initialize(fresh: Wire) -> None:
    fresh.notify("textDocument/didOpen", {"textDocument": 5})
    fresh.notify("initialized", {})
    fresh.notify("exportLsp/unknown", {})
    for method in ("textDocument/hover", "shutdown", "unknown"):
        fresh.ask(method, method)
        assert (await fresh.reply(method))["error"]["code"] == EARLY
    fresh.ask("initialize", "initialize", {"processId": "none"})
    assert (await fresh.reply("initialize"))["error"]["code"] == PARAMS
    await fresh.shake_hands([], {})
    await fresh.works()
    assert await fresh.stop() == 0


async def test_exit_before_initialize(fresh: Wire) -> None:
    fresh.notify("exit", None)
    assert await fresh.exited() == 1


async def test_after_shutdown(fresh: Wire) -> None:
    await fresh.shake_hands([], {})
    fresh.ask("shutdown", "shutdown")
    fresh.notify("$/cancelRequest", {"id": "shutdown"})
    for method in ("textDocument/hover", "initialize", "shutdown", "unknown"):
        fresh.ask(f"late {method}", method)
        assert (await fresh.reply(f"late {method}"))["error"]["code"] == INVALID
    fresh.notify("textDocument/didSave", {"textDocument": {"uri": "file:///model.py"}})
    fresh.send(framed(b"no JSON"))
    assert (await fresh.reply(None))["error"]["code"] == PARSE
    assert (await fresh.reply("shutdown"))["result"] is None
    fresh.notify("exit", None)
    assert await fresh.exited() == 0


async def test_an_editor_that_goes_in_the_middle_of_a_message(fresh: Wire) -> None:
    await fresh.shake_hands([], {})
    fresh.send(b"Content-Length: 100\r\n\r\n{")
    assert fresh.process.stdin is not None
    fresh.process.stdin.close()
    assert await fresh.exited() == 0


# --- slow readers ------------------------------------------------------------------------------


async def test_a_reader_that_pauses(wire: Wire, write: Callable[[str, str], Path]) -> None:
    """The server waits with it: it keeps little, answers everything, and shows what is newest."""
    file = write("paused.py", GUARD)
    await wire.checked(lambda: wire.open(file))
    before = resident_megabytes(wire.process.pid)
    wire.reading.clear()
    sent = 20_000
    for number in range(sent):
        wire.ask(f"paused-{number}", "m" * 1000)
    for _ in range(2000):
        wire.notify("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})
        wire.open(file, GUARD)
    # The last bytes cannot be taken while nothing is read.
    assert wire.process.stdin is not None
    assert wire.process.stdin.transport.get_write_buffer_size() > 0
    during = resident_megabytes(wire.process.pid)
    wire.reading.set()
    await wire.wait_until(lambda: len(wire.replies) == sent)
    assert [reply["id"] for reply in wire.replies] == [f"paused-{n}" for n in range(sent)]
    await wire.wait_until(lambda: wire.shown(file) == FOUND)
    assert max(during, resident_megabytes(wire.process.pid)) < before + 20
    wire.close(file)


async def test_an_editor_that_never_reads_and_goes(fresh: Wire) -> None:
    await fresh.shake_hands([], {})
    fresh.reading.clear()
    for number in range(20_000):
        fresh.ask(number, "m" * 1000)
    fresh.process._transport.close()  # type: ignore[attr-defined]
    await gone(fresh.marked_processes)
    fresh.reading.set()


# --- everything --------------------------------------------------------------------------------


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
