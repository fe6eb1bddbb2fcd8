"""Malformed messages are answered as the protocol says, and the server keeps working."""

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
    document_messages,
    hover,
)
from tests.faults.raw_editor import RawEditor, framed, message
from tests.server.editor import ERROR, Shown, gone, resident_megabytes
from tests.server.models import GUARD, GUARD_TEXT

pytestmark = pytest.mark.asyncio(loop_scope="module")

EARLY = -32002
FOUND = [Shown("data-dependent-guard", GUARD_TEXT, ERROR)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    tmp_path_factory: pytest.TempPathFactory, torch_python: Path
) -> AsyncIterator[RawEditor]:
    base = tmp_path_factory.mktemp("messages")
    (base / "workspace").mkdir()
    editor = RawEditor(base / "home")
    await editor.start([base / "workspace"], {"trusted": True, "interpreter": str(torch_python)})
    yield editor
    try:
        assert await editor.stop() == 0
        await gone(editor.marked_processes)
    finally:
        editor.kill_marked()


@pytest_asyncio.fixture(loop_scope="module")
async def editor(shared: RawEditor) -> AsyncIterator[RawEditor]:
    """Return a running server; fail after the test unless it works and has logged no error."""
    shared.replies.clear()
    shared.errors.clear()
    yield shared
    await shared.check_alive()
    assert shared.logged_errors() == [], shared.story()
    assert "internal error" not in str(shared.notifications)


@pytest_asyncio.fixture(loop_scope="module")
async def fresh(tmp_path: Path) -> AsyncIterator[RawEditor]:
    """Return a server that has not received anything."""
    editor = RawEditor(tmp_path / "home")
    await editor.launch()
    yield editor
    if editor.process.returncode is None:
        editor.process.kill()
    await editor.exited()
    await gone(editor.marked_processes)
    assert editor.logged_errors() == [], editor.story()


@pytest.mark.parametrize("case", NAMELESS)
async def test_a_message_without_a_usable_id_is_answered(editor: RawEditor, case: str) -> None:
    body, code = NAMELESS[case]
    editor.send(framed(body))
    answer = await editor.reply(None)
    assert answer["error"]["code"] == code
    assert len(answer["error"]["message"]) < 500


@pytest.mark.parametrize("case", NAMED)
async def test_a_malformed_request_is_answered(editor: RawEditor, case: str) -> None:
    body, code = NAMED[case]
    editor.send(framed(body))
    answer = await editor.reply("x")
    assert answer["error"]["code"] == code
    assert len(answer["error"]["message"]) < 500


@pytest.mark.parametrize("case", SILENT)
async def test_a_notification_is_not_answered(editor: RawEditor, case: str) -> None:
    editor.send(framed(SILENT[case]))
    await editor.check_alive()
    assert editor.replies == []


@pytest.mark.parametrize("case", HEADERS)
async def test_malformed_headers(editor: RawEditor, case: str) -> None:
    editor.send(HEADERS[case])
    await editor.check_alive()
    codes = {answer["error"]["code"] for answer in editor.replies}
    assert PARSE in codes


async def test_an_id_that_is_a_float_with_an_integer_value(editor: RawEditor) -> None:
    editor.send(framed(message(id=7.0, method="textDocument/hover", params=hover())))
    assert (await editor.reply(7))["result"] is None


async def test_requests_with_the_same_id(editor: RawEditor) -> None:
    for _ in range(3):
        editor.ask("same", "textDocument/hover", hover())
    assert [(await editor.reply("same"))["result"] for _ in range(3)] == [None] * 3


# --- framing -----------------------------------------------------------------------------------


async def test_a_message_split_at_every_byte(editor: RawEditor) -> None:
    assert editor.process.stdin is not None
    data = framed(message(id="split", method="textDocument/hover", params=hover()))
    for end in range(1, len(data)):
        editor.send(data[:end])
        await editor.process.stdin.drain()
        editor.send(data[end:])
        await editor.reply("split")


async def test_many_messages_in_one_write(editor: RawEditor) -> None:
    one = [
        framed(message(id=f"many-{n}", method="textDocument/hover", params=hover()))
        for n in range(5000)
    ]
    editor.send(b"".join(one))
    await editor.wait_until(lambda: len(editor.replies) == len(one))
    assert [answer["id"] for answer in editor.replies] == [f"many-{n}" for n in range(5000)]


async def test_a_message_of_64_megabytes(editor: RawEditor) -> None:
    before = resident_megabytes(editor.process.pid)
    editor.send(framed(b"[" + b" " * 2**26 + b"]"))
    answer = await editor.reply(None)
    assert "longer" in answer["error"]["message"]
    await editor.check_alive()
    assert resident_megabytes(editor.process.pid) < before + 10


# --- documents ---------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ODD_URIS)
async def test_uris_of_documents_that_are_not_files(editor: RawEditor, case: str) -> None:
    for body in document_messages(ODD_URIS[case]):
        editor.send(framed(body))
    for method in ("textDocument/hover", "textDocument/codeAction", "workspace/executeCommand"):
        assert "error" not in await editor.reply(method)


@pytest.mark.parametrize("case", ["", "unsaved", "with NUL", "a bracket", "no URI"])
async def test_roots_that_are_not_folders(fresh: RawEditor, case: str) -> None:
    uri = ODD_URIS.get(case, case)
    folders = [{"uri": uri, "name": "x"}]
    params = {"rootUri": uri, "rootPath": "x", "workspaceFolders": folders}
    fresh.ask(1, "initialize", {"processId": None, "capabilities": {}, **params})
    assert "result" in await fresh.reply(1)
    fresh.ask(2, "initialize", {"processId": None, "capabilities": {}, "rootUri": None})
    assert (await fresh.reply(2))["error"]["code"] == INVALID
    fresh.notify("initialized", {})
    await fresh.check_alive()


async def test_an_unpaired_surrogate_in_a_text(
    editor: RawEditor, write: Callable[[str, str], Path]
) -> None:
    file = write("half.py", GUARD)
    for body in document_messages(file.as_uri(), f"{GUARD}# \ud800\n"):
        editor.send(framed(body))
    await editor.check_alive()


async def test_a_document_in_the_wrong_order(
    editor: RawEditor, write: Callable[[str, str], Path]
) -> None:
    """Messages about a closed file, duplicates, decreasing versions, ranges outside the text."""
    file = write("order.py", "")
    identifier = {"uri": file.as_uri()}
    far = {"line": 10**6, "character": 10**6}
    editor.notify("textDocument/didClose", {"textDocument": identifier})
    editor.notify("textDocument/didSave", {"textDocument": identifier})
    for version in (5, -3, 5):
        editor.notify(
            "textDocument/didChange",
            {
                "textDocument": {**identifier, "version": version},
                "contentChanges": [{"text": "lost"}],
            },
        )
    editor.open(file, "")
    editor.open(file, "")
    backwards = [
        {"range": {"start": far, "end": ORIGIN}, "text": "x"},
        {"range": {"start": far, "end": far}, "text": "y\n"},
        {"range": {"start": ORIGIN, "end": far}, "text": ""},
    ]
    for version in (7, 2, 2):
        editor.notify(
            "textDocument/didChange",
            {"textDocument": {**identifier, "version": version}, "contentChanges": backwards},
        )
    await editor.checked(lambda: editor.save(file, GUARD))
    assert editor.shown(file) == FOUND
    editor.close(file)
    editor.notify("textDocument/didClose", {"textDocument": identifier})


# --- lifecycle ---------------------------------------------------------------------------------


async def test_before_initialize(fresh: RawEditor) -> None:
    fresh.notify("textDocument/didOpen", {"textDocument": 5})
    fresh.notify("initialized", {})
    fresh.notify("exportLsp/unknown", {})
    for method in ("textDocument/hover", "shutdown", "unknown"):
        fresh.ask(method, method)
        assert (await fresh.reply(method))["error"]["code"] == EARLY
    fresh.ask("initialize", "initialize", {"processId": "none"})
    assert (await fresh.reply("initialize"))["error"]["code"] == PARAMS
    await fresh.shake_hands([], {})
    await fresh.check_alive()
    assert await fresh.stop() == 0


async def test_exit_before_initialize(fresh: RawEditor) -> None:
    fresh.notify("exit", None)
    assert await fresh.exited() == 1


async def test_after_shutdown(fresh: RawEditor) -> None:
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


async def test_an_editor_that_exits_in_the_middle_of_a_message(fresh: RawEditor) -> None:
    await fresh.shake_hands([], {})
    fresh.send(b"Content-Length: 100\r\n\r\n{")
    assert fresh.process.stdin is not None
    fresh.process.stdin.close()
    assert await fresh.exited() == 0


# --- slow readers ------------------------------------------------------------------------------


async def test_a_reader_that_pauses(editor: RawEditor, write: Callable[[str, str], Path]) -> None:
    """The server stops reading too: it buffers little, answers everything, and shows the latest."""
    file = write("paused.py", GUARD)
    await editor.checked(lambda: editor.open(file))
    before = editor.reset_peak_memory()
    editor.reading.clear()
    ids = [f"{number}{'.' * 2000}" for number in range(20_000)]
    for number in ids:
        editor.ask(number, "textDocument/hover", hover())
    assert await editor.stalled() > 2**22
    for _ in range(2000):
        editor.notify("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})
        editor.open(file, GUARD)
    editor.reading.set()
    await editor.wait_until(lambda: len(editor.replies) == len(ids))
    assert [reply["id"] for reply in editor.replies] == ids
    await editor.wait_until(lambda: editor.shown(file) == FOUND)
    assert editor.peak_memory() < before + 20
    editor.close(file)


async def test_an_editor_that_never_reads_and_exits(fresh: RawEditor) -> None:
    await fresh.shake_hands([], {})
    fresh.reading.clear()
    for number in range(20_000):
        fresh.ask(number, "m" * 1000)
    fresh.process._transport.close()  # type: ignore[attr-defined]
    await gone(fresh.marked_processes)
    fresh.reading.set()


async def test_an_editor_that_does_not_read_the_log(tmp_path: Path) -> None:
    editor = RawEditor(tmp_path / "home")
    editor.reading_log.clear()
    await editor.launch()
    await editor.shake_hands([], {})
    # Each is logged, and a pipe holds 64 KB.
    for _ in range(20_000):
        editor.send(framed(b"no JSON"))
    await editor.wait_until(lambda: len(editor.replies) == 20_000)
    await editor.check_alive()
    editor.ask("bye", "shutdown")
    await editor.reply("bye")
    editor.notify("exit", None)
    await gone(editor.marked_processes)
    editor.reading_log.set()
    assert await editor.exited() == 0
    assert len(editor.stderr) < 2**21


# --- all cases in one session ------------------------------------------------------------------


async def test_a_save_after_all_malformed_messages(
    editor: RawEditor, write: Callable[[str, str], Path]
) -> None:
    file = write("amiss.py", "")
    bodies = [body for body, _ in [*NAMELESS.values(), *NAMED.values()]] + list(SILENT.values())
    editor.open(file)
    for body in bodies:
        editor.send(framed(body))
    for data in HEADERS.values():
        editor.send(data)
    # Some of these messages start checks of open files, as they are on disk.
    await editor.check_alive()
    await editor.checked(lambda: editor.save(file, GUARD))
    assert editor.shown(file) == FOUND
    editor.close(file)


@pytest.fixture
def write(
    shared: RawEditor, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Path]:
    """Return a function that writes a file into the shared server's folder."""
    folder = Path(shared.environment["HOME"]).parent / "workspace"

    def write_file(name: str, text: str) -> Path:
        (folder / name).write_text(text, encoding="utf-8")
        return folder / name

    return write_file
