"""Code is run only where the user trusts it."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from export_lsp.server.trust import REFUSE, TRUST
from tests.server.conftest import Start
from tests.server.editor import ERROR, HINT, Editor, Shown
from tests.server.models import GUARD, GUARD_TEXT

Write = Callable[[str, str], Path]
FOUND = [Shown("data-dependent-guard", GUARD_TEXT, ERROR)]


def store(environment: dict[str, str]) -> Path:
    return Path(environment["XDG_STATE_HOME"]) / "export-lsp" / "trusted-folders.json"


def questions(editor: Editor) -> list[str]:
    return [p["message"] for m, p in editor.requests if m == "window/showMessageRequest"]


async def off(editor: Editor, file: Path) -> str:
    """Wait for the hint that checking is off, and that nothing else was done."""
    await editor.wait_until(lambda: editor.raw(file))
    (hint,) = editor.raw(file)
    assert (hint["severity"], hint["source"]) == (HINT, "export-lsp")
    assert len(editor.marked_processes()) == 1
    return str(hint["message"])


async def refused(editor: Editor, file: Path) -> None:
    """Open and save a file in a folder that is not trusted."""
    editor.open(file)
    assert "exportLsp.check" in await off(editor, file)
    await editor.wait_until(lambda: editor.status.get("health") == "warning")
    editor.save(file)
    # An answered request: the save was handled.
    assert await editor.command("exportLsp.check", "untitled:x") is None


async def test_granted_is_asked_once_and_remembered(
    start: Start, write: Write, folder: Path, environment: dict[str, str]
) -> None:
    file, other = write("model.py", GUARD), write("other.py", GUARD)
    editor = await start(trusted=None)
    editor.answer = TRUST
    editor.answering.clear()
    editor.open(file)
    editor.open(other)
    await editor.wait_until(lambda: questions(editor))
    assert "is not trusted" in await off(editor, file)
    await editor.checked(editor.answering.set)
    await editor.wait_until(lambda: editor.shown(file) == FOUND and editor.shown(other) == FOUND)
    (question,) = questions(editor)
    assert str(folder) in question
    assert json.loads(store(environment).read_text()) == {"folders": {str(folder): True}}
    assert stat.S_IMODE(store(environment).stat().st_mode) == 0o600
    again = await start(trusted="ask")
    await again.checked(lambda: again.open(file))
    assert questions(again) == []
    assert again.shown(file) == FOUND


async def test_refused_is_remembered_and_can_be_changed(start: Start, write: Write) -> None:
    file = write("model.py", GUARD)
    for asked in (1, 0):
        editor = await start(trusted="ask")
        editor.answer = REFUSE
        await refused(editor, file)
        assert len(questions(editor)) == asked
    editor.answer = TRUST
    await editor.command("exportLsp.check", file.as_uri())
    await editor.wait_until(lambda: editor.shown(file) == FOUND)


async def test_a_closed_question_is_not_remembered(
    start: Start, write: Write, environment: dict[str, str]
) -> None:
    file = write("model.py", GUARD)
    editor = await start(trusted="ask")
    editor.open(file)
    await editor.wait_until(lambda: questions(editor))
    await off(editor, file)
    assert not store(environment).exists()


async def test_false_asks_nobody(start: Start, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await start(trusted=False)
    editor.open(file)
    assert "the option `trusted` of export-lsp is false" in await off(editor, file)
    await editor.command("exportLsp.check", file.as_uri())
    (message,) = await editor.wait_until(editor.messages)
    assert "the option `trusted` of export-lsp is false" in message
    assert questions(editor) == []


@pytest.mark.parametrize("client", ["vim-ale-3.3"])
async def test_a_client_that_cannot_ask_gets_the_hint(
    start: Start, write: Write, client: str
) -> None:
    file = write("model.py", GUARD)
    editor = await start(client=client, trusted=None)
    editor.answering.clear()
    editor.open(file)
    assert "`trusted`" in await off(editor, file)


async def test_an_option_that_is_none_of_them_is_named(start: Start, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await start(trusted="yes")
    editor.open(file)
    (message,) = await editor.wait_until(editor.messages)
    assert 'the initialization options: trusted = "yes" must be true, false or "ask".' in message
    await off(editor, file)


async def test_a_file_with_nothing_to_check_raises_no_question(start: Start, write: Write) -> None:
    plain, model = write("plain.py", "x = 1\n"), write("model.py", GUARD)
    editor = await start(trusted="ask")
    editor.open(plain)
    editor.save(plain)
    assert await editor.command("exportLsp.check", "untitled:x") is None
    assert questions(editor) == []
    editor.open(model)
    await editor.wait_until(lambda: questions(editor))
    await off(editor, model)
    assert editor.raw(plain) == []
