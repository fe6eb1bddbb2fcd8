"""Faults end in a diagnostic or one message, and the next save works."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from export_lsp.protocol import PROCESS_PREFIX
from tests.server.conftest import Join, Start
from tests.server.editor import ERROR, Editor, Shown, gone, resident_megabytes
from tests.server.models import CLEAN, GUARD, GUARD_TEXT, WAITING

Write = Callable[[str, str], Path]
FOUND = [Shown("data-dependent-guard", GUARD_TEXT, ERROR)]


def children(editor: Editor) -> list[int]:
    """Return the ids of the worker host and its runs."""
    return sorted(set(editor.marked_processes()) - {editor.process.pid})


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


async def open_waiting(editor: Editor, folder: Path, write: Write) -> Path:
    """Open a file whose run waits in `forward`."""
    file = write("model.py", WAITING.format(gate=folder / "gate"))
    editor.open(file)
    await editor.wait_until(lambda: "capturing" in str(editor.progress()))
    return file


@pytest.mark.parametrize("victim", ["host", "run"])
async def test_killed_in_the_middle(join: Join, folder: Path, write: Write, victim: str) -> None:
    editor = await join()
    file = await open_waiting(editor, folder, write)
    [process] = (pid for pid in children(editor) if name_of(pid) == f"{PROCESS_PREFIX}{victim}")
    os.kill(process, signal.SIGKILL)
    await editor.idle()
    (fault,) = editor.raw(file)
    assert fault["code"] in ("worker-crash", "out-of-memory")
    await editor.checked(lambda: editor.save(file, GUARD))
    assert editor.shown(file) == FOUND
    await gone(lambda: zombies(editor.process.pid))


def zombies(parent: int) -> list[int]:
    """Return the children of a process that have ended and that it has not waited for."""
    listed = [file.read_text() for file in Path(f"/proc/{parent}/task").glob("*/children")]
    pids = [int(pid) for pid in " ".join(listed).split()]
    states = {pid: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids}
    return [pid for pid, (state, *_) in states.items() if state == "Z"]


async def test_a_host_killed_while_idle_is_replaced(join: Join, write: Write) -> None:
    file = write("model.py", CLEAN)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    for pid in children(editor):
        os.kill(pid, signal.SIGKILL)
    await gone(lambda: children(editor))
    await editor.checked(lambda: editor.save(file, GUARD))
    assert editor.shown(file) == FOUND


@pytest.mark.parametrize("how", ["stdin closed", "server killed", "exit without shutdown"])
async def test_no_process_is_left_when_the_editor_exits(
    start: Start, folder: Path, write: Write, how: str
) -> None:
    editor = await start()
    await open_waiting(editor, folder, write)
    assert len(children(editor)) >= 2
    assert editor.process.stdin is not None
    if how == "stdin closed":
        editor.process.stdin.close()
    elif how == "server killed":
        editor.process.kill()
    else:
        editor.notify("exit", None)
    expected = {"stdin closed": 0, "server killed": -signal.SIGKILL, "exit without shutdown": 1}
    assert await editor.exited() == expected[how]
    await gone(editor.marked_processes)


async def test_an_interpreter_without_torch_is_one_message(
    join: Join, write: Write, bare_python: Path, torch_python: Path
) -> None:
    first, second = write("first.py", GUARD), write("second.py", GUARD)
    editor = await join(interpreter=str(bare_python))
    editor.open(first)
    editor.open(second)
    await editor.wait_until(lambda: editor.status.get("health") == "error")
    for _ in range(2):
        text = editor.documents[first][0] + "\n"
        await editor.checked(functools.partial(editor.save, first, text))
    (message,) = editor.messages()
    assert str(bare_python) in message
    assert "torch" in message
    assert message.endswith("(The interpreter is the setting `interpreter` (editor).)")
    assert editor.raw(first) == []
    editor.configuration[first.parent.as_uri()] = {"interpreter": str(torch_python)}
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    await editor.wait_until(lambda: editor.shown(first) == FOUND and editor.shown(second) == FOUND)
    assert editor.status["health"] == "ok"


async def test_an_interpreter_that_does_not_exist(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join(interpreter="missing/python")
    editor.open(file)
    (message,) = await editor.wait_until(editor.messages)
    assert "missing/python" in message
    assert "does not exist" in message
    await editor.wait_until(lambda: editor.status.get("health") == "error")


async def test_a_run_that_takes_too_long(join: Join, folder: Path, write: Write) -> None:
    file = write("model.py", WAITING.format(gate=folder / "gate"))
    editor = await join(timeout=1)
    await editor.checked(lambda: editor.open(file))
    (fault,) = editor.raw(file)
    assert fault["code"] == "timeout"


async def test_malformed_messages_are_survived(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join()
    before = write("never-opened.py", "")
    editor.send_raw(b"{not json")
    editor.send_raw(b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"x": 1}}')
    editor.notify("textDocument/didSave", {"textDocument": {"uri": before.as_uri()}})
    editor.notify("textDocument/didClose", {"textDocument": {"uri": before.as_uri()}})
    editor.notify(
        "textDocument/didChange",
        {
            "textDocument": {"uri": before.as_uri(), "version": 2},
            "contentChanges": [{"text": "x"}],
        },
    )
    editor.notify("exportLsp/unknown", {})
    await editor.checked(lambda: editor.open(file))
    assert editor.shown(file) == FOUND
    logged = editor.messages("window/logMessage")
    assert sum("textDocument/didOpen" in text for text in logged) == 1
    assert [error["code"] for error in editor.errors] == [-32700]


async def test_printed_text_goes_to_the_output_channel(join: Join, write: Write) -> None:
    noise = 'print("building")\nimport sys\nprint("b" * 200_000)\nprint("sad", file=sys.stderr)\n'
    file = write("model.py", noise + GUARD)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    assert editor.shown(file) == FOUND
    texts = [p["message"] for m, p in editor.notifications if m == "window/logMessage"]
    printed = [text for text in texts if text.startswith("model.py: ")]
    assert "building" in printed[0]
    assert sum(map(len, printed)) < 80_000
    assert any("the rest is left out" in text for text in printed)
    await editor.command("exportLsp.showOutput")
    shown = await editor.wait_until(
        lambda: [p["uri"] for m, p in editor.requests if m == "window/showDocument"]
    )
    output = Path(shown[0].removeprefix("file://"))
    assert "building" in output.read_text()
    assert output.stat().st_mode & 0o077 == 0


async def test_the_server_stays_small(start: Start, write: Write) -> None:
    """The limit holds with a large file open, after several edits and checks."""
    file = write("model.py", GUARD + "# filling\n" * 5_000)
    editor = await start()
    await editor.checked(lambda: editor.open(file))
    for number in range(20):
        editor.change(file, GUARD + f"# filling {number}\n" * 5_000)
    await editor.checked(lambda: editor.save(file))
    assert editor.shown(file) == FOUND
    maps = Path(f"/proc/{editor.process.pid}/maps").read_text()
    assert "torch" not in maps
    assert "numpy" not in maps
    assert resident_megabytes(editor.process.pid) <= 60


async def test_without_torch_the_user_is_shown_the_way(
    start: Start, folder: Path, write: Write, bare_python: Path
) -> None:
    """A short message with buttons; a button shows the interpreters that were considered."""
    file = write("model.py", GUARD)
    editor = await start(toasts=True, interpreter=str(bare_python))
    editor.open(file)
    [toast] = await editor.wait_until(
        lambda: [params for name, params in editor.notifications if name == "exportLsp/toast"]
    )
    assert toast == {
        "type": ERROR,
        "message": f"{bare_python} has no torch.",
        "buttons": ["selectInterpreter", "openSettings", "showDetails"],
    }
    used = f"the setting `interpreter` (editor): {bare_python}, used"
    texts = editor.messages("window/logMessage")
    assert any("choose the interpreter your models run with" in each for each in texts)
    [details] = [each for each in texts if each.startswith("Interpreters that were considered:")]
    assert f"\n  {used}\n" in details
    assert "\n  python3 on the PATH: " in details
    [about] = await editor.command("exportLsp.interpreters")
    assert about["folder"] == str(folder)
    assert "has no torch" in about["unusable"]
    assert used in about["considered"]
