"""What an editor may send amiss: it is answered as the protocol says, and work goes on after it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.messages import (
    HEADERS,
    INVALID,
    NAMED,
    NAMELESS,
    ODD_URIS,
    ORIGIN,
    PARAMS,
    PARSE,
    SILENT,
    hover,
    life,
)
from tests.faults.wire import Wire, framed, message
from tests.server.editor import ERROR, Shown, gone, resident_megabytes
from tests.server.models import GUARD, GUARD_TEXT

pytestmark = pytest.mark.asyncio(loop_scope="module")

EARLY = -32002
FOUND = [Shown("data-dependent-guard", GUARD_TEXT, ERROR)]


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


@pytest.mark.parametrize("case", ODD_URIS)
async def test_documents_that_are_no_files(wire: Wire, case: str) -> None:
    for body in life(ODD_URIS[case]):
        wire.send(framed(body))
    for method in ("textDocument/hover", "textDocument/codeAction", "workspace/executeCommand"):
        assert "error" not in await wire.reply(method)


@pytest.mark.parametrize("case", ["", "unsaved", "with NUL", "a bracket", "no URI"])
async def test_roots_that_are_no_folders(fresh: Wire, case: str) -> None:
    uri = ODD_URIS.get(case, case)
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
    before = wire.new_peak()
    wire.reading.clear()
    ids = [f"{number}{'.' * 2000}" for number in range(20_000)]
    for number in ids:
        wire.ask(number, "textDocument/hover", hover())
    assert await wire.stalled() > 2**22
    for _ in range(2000):
        wire.notify("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})
        wire.open(file, GUARD)
    wire.reading.set()
    await wire.wait_until(lambda: len(wire.replies) == len(ids))
    assert [reply["id"] for reply in wire.replies] == ids
    await wire.wait_until(lambda: wire.shown(file) == FOUND)
    assert wire.peak() < before + 20
    wire.close(file)


async def test_an_editor_that_never_reads_and_goes(fresh: Wire) -> None:
    await fresh.shake_hands([], {})
    fresh.reading.clear()
    for number in range(20_000):
        fresh.ask(number, "m" * 1000)
    fresh.process._transport.close()  # type: ignore[attr-defined]
    await gone(fresh.marked_processes)
    fresh.reading.set()


async def test_an_editor_that_does_not_read_the_log(tmp_path: Path) -> None:
    wire = Wire(tmp_path / "home")
    wire.listening.clear()
    await wire.launch()
    await wire.shake_hands([], {})
    # Each is logged, and a pipe takes 64 KB.
    for _ in range(20_000):
        wire.send(framed(b"no JSON"))
    await wire.wait_until(lambda: len(wire.replies) == 20_000)
    await wire.works()
    wire.ask("bye", "shutdown")
    await wire.reply("bye")
    wire.notify("exit", None)
    await gone(wire.marked_processes)
    wire.listening.set()
    assert await wire.exited() == 0
    assert len(wire.stderr) < 2**21


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
    # Some of it has open files checked again, as they are on disk.
    await wire.works()
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
