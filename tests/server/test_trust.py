"""Code runs only in folders that the user trusts."""

from __future__ import annotations

import functools
import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from export_lsp.engine.trust import REFUSE, TRUST
from tests.faults.connection_log import connections, log_connections
from tests.server.conftest import Start
from tests.server.editor import ERROR, HINT, Editor, Shown
from tests.server.models import CLEAN, GUARD, GUARD_TEXT

Write = Callable[[str, str], Path]

# An interpreter in the workspace, as in a virtual environment.
INTERPRETER = """#!/bin/sh
touch {mark}
exec {python} "$@"
"""
PYPROJECT = """\
[[tool.export-lsp.target]]
file = "model.py"
model = "__import__('pathlib').Path({mark!r}).touch()"
"""
FOUND = [Shown("data-dependent-guard", GUARD_TEXT, ERROR)]


def store(environment: dict[str, str]) -> Path:
    return Path(environment["XDG_STATE_HOME"]) / "export-lsp" / "trusted-folders.json"


def questions(editor: Editor) -> list[str]:
    return [p["message"] for m, p in editor.requests if m == "window/showMessageRequest"]


async def wait_for_hint(editor: Editor, file: Path) -> str:
    """Wait for the hint that checking is off; fail if a process has started.

    Returns:
        The hint's message.
    """
    await editor.wait_until(lambda: editor.raw(file))
    (hint,) = editor.raw(file)
    assert (hint["severity"], hint["source"]) == (HINT, "export-lsp")
    assert len(editor.marked_processes()) == 1
    return str(hint["message"])


async def open_untrusted(editor: Editor, file: Path) -> None:
    """Open and save a file in a folder that is not trusted."""
    editor.open(file)
    assert "exportLsp.check" in await wait_for_hint(editor, file)
    await editor.wait_until(lambda: editor.status.get("health") == "warning")
    editor.save(file)
    # This request is answered after the save has been handled.
    assert await editor.command("exportLsp.check", "untitled:x") is None


async def test_trust_is_asked_for_once_and_remembered(
    start: Start, write: Write, folder: Path, environment: dict[str, str]
) -> None:
    file, other = write("model.py", GUARD), write("other.py", GUARD)
    editor = await start(trusted=None)
    editor.answer = TRUST
    editor.answering.clear()
    editor.open(file)
    editor.open(other)
    await editor.wait_until(lambda: questions(editor))
    assert "is not trusted" in await wait_for_hint(editor, file)
    await editor.checked(editor.answering.set)
    await editor.wait_until(lambda: editor.shown(file) == FOUND and editor.shown(other) == FOUND)
    (question,) = questions(editor)
    assert str(folder) in question
    answer = {"trusted": True, "owner": folder.stat().st_uid}
    assert json.loads(store(environment).read_text()) == {"folders": {str(folder): answer}}
    assert stat.S_IMODE(store(environment).stat().st_mode) == 0o600
    again = await start(trusted="ask")
    await again.checked(lambda: again.open(file))
    assert questions(again) == []
    assert again.shown(file) == FOUND


async def test_a_refusal_is_remembered_and_can_be_changed(start: Start, write: Write) -> None:
    file = write("model.py", GUARD)
    for asked in (1, 0):
        editor = await start(trusted="ask")
        editor.answer = REFUSE
        await open_untrusted(editor, file)
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
    await wait_for_hint(editor, file)
    assert not store(environment).exists()


async def test_false_raises_no_question(start: Start, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await start(trusted=False)
    editor.open(file)
    assert "the option `trusted` of export-lsp is false" in await wait_for_hint(editor, file)
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
    assert "`trusted`" in await wait_for_hint(editor, file)


async def test_an_invalid_option_is_shown(start: Start, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await start(trusted="yes")
    editor.open(file)
    (message,) = await editor.wait_until(editor.messages)
    assert 'the initialization options: trusted = "yes" must be true, false or "ask".' in message
    await wait_for_hint(editor, file)


async def test_a_file_with_nothing_to_check_raises_no_question(start: Start, write: Write) -> None:
    plain, model = write("plain.py", "x = 1\n"), write("model.py", GUARD)
    editor = await start(trusted="ask")
    editor.open(plain)
    editor.save(plain)
    assert await editor.command("exportLsp.check", "untitled:x") is None
    assert questions(editor) == []
    editor.open(model)
    await editor.wait_until(lambda: questions(editor))
    await wait_for_hint(editor, model)
    assert editor.raw(plain) == []


async def test_nothing_of_an_untrusted_folder_is_run(
    start: Start, write: Write, folder: Path, tmp_path: Path, torch_python: Path
) -> None:
    """Neither its code nor its interpreter nor the expressions in its settings are run."""
    mark = tmp_path / "run"
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(INTERPRETER.format(mark=mark, python=torch_python))
    python.chmod(0o755)
    (folder / "pyproject.toml").write_text(PYPROJECT.format(mark=str(mark)))
    file = write("model.py", f"import pathlib\npathlib.Path({str(mark)!r}).touch()\n{GUARD}")
    editor = await start(trusted="ask", interpreter=None)
    editor.answer = REFUSE
    await open_untrusted(editor, file)
    editor.notify("workspace/didChangeConfiguration", {"settings": None})
    assert await editor.command("exportLsp.check", "untitled:x") is None
    assert not mark.exists()
    editor.answer = TRUST
    await editor.command("exportLsp.check", file.as_uri())
    await editor.wait_until(mark.exists)


async def test_a_parents_settings_need_trust_in_the_parent(
    start: Start, folder: Path, tmp_path: Path, torch_python: Path, environment: dict[str, str]
) -> None:
    """Its interpreter, its environment and its targets would be run."""
    mark, inner = tmp_path / "run", folder / "inner"
    inner.mkdir()
    python = folder / "python"
    python.write_text(INTERPRETER.format(mark=mark, python=torch_python))
    python.chmod(0o755)
    targets = PYPROJECT.format(mark=str(mark)).replace("model.py", "inner/model.py")
    (folder / "pyproject.toml").write_text(
        f'[tool.export-lsp]\ninterpreter = "./python"\nenvironment = {{ MARK = "1" }}\n{targets}'
    )
    file = inner / "model.py"
    file.write_text(GUARD + "import os\nassert 'MARK' not in os.environ\n")
    environment["VIRTUAL_ENV"] = str(torch_python.parents[1])
    editor = await start(inner, interpreter=None)
    await editor.checked(functools.partial(editor.open, file))
    assert editor.shown(file) == FOUND, editor.raw(file)
    [message] = editor.messages()
    assert f"{folder / 'pyproject.toml'} is not used" in message
    assert await editor.stop() == 0
    assert not mark.exists()
    editor = await start(folder, trusted="ask", interpreter=None)
    editor.answer = TRUST
    other = folder / "other.py"
    other.write_text(GUARD)
    editor.open(other)
    await editor.wait_until(mark.exists)
    assert await editor.stop() == 0
    editor = await start(inner, trusted="ask", interpreter=None)
    await editor.checked(lambda: editor.open(file))
    assert "AssertionError while importing" in editor.raw(file)[0]["message"]


# Starts the server in another directory, with entries that are looked up there.
STARTED_ELSEWHERE = """
import os, sys
from export_lsp.cli import main
sys.path.remove("")
os.chdir({directory!r})
os.environ["PYTHONPATH"] = ":.:lib"
os.environ["PATH"] = ":.:" + os.environ["PATH"]
main(["server"])
"""


async def test_a_host_imports_nothing_from_the_directory_of_the_server(
    start: Start, write: Write, tmp_path: Path
) -> None:
    """Relative and empty entries are for runs, in whose folder they are looked up."""
    mark, hostile = tmp_path / "ran", tmp_path / "hostile"
    for name in ("torch", "sitecustomize", "json", "lib/here"):
        module = hostile / f"{name}.py"
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(f"open({str(mark)!r}, 'w').close()\n")
    (hostile / "python3").write_text(f"#!/bin/sh\ntouch {mark}\n")
    (hostile / "python3").chmod(0o755)
    write("lib/here.py", "VALUE = 1\n")
    file = write(
        "model.py",
        "import os\nimport here\nassert os.environ['PATH'].startswith(':.:')\n"
        f"assert os.environ['PYTHONPATH'] == ':.:lib'\n{GUARD}",
    )
    code = STARTED_ELSEWHERE.format(directory=str(hostile))
    editor = await start(server=("-c", code))
    await editor.checked(lambda: editor.open(file))
    assert editor.shown(file) == FOUND, editor.raw(file)
    assert await editor.stop() == 0
    # By its name on the PATH.
    editor = await start(server=("-c", code), interpreter="python3")
    await editor.checked(lambda: editor.open(file))
    editor.messages()  # whether this one has torch does not matter
    assert not mark.exists()


async def test_only_the_user_can_read_our_files_and_models_write_as_usual(
    start: Start, write: Write, environment: dict[str, str], folder: Path, tmp_path: Path
) -> None:
    before = os.umask(0)
    try:
        environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
        editor = await start(trusted="ask")
        editor.answer = TRUST
        file = write("model.py", f"print('hello')\nopen('written.txt', 'w').close()\n{GUARD}")
        await editor.checked(lambda: editor.open(file))
        await editor.command("exportLsp.showOutput")
        await editor.wait_until(lambda: [m for m, _ in editor.requests if "showDocument" in m])
        assert await editor.stop() == 0
    finally:
        os.umask(before)
    homes = [Path(environment["XDG_STATE_HOME"]), tmp_path / "cache"]
    kept = [path for home in homes for path in (home / "export-lsp").rglob("*")]
    assert {"output.log", "trusted-folders.json"} <= {path.name for path in kept}
    assert any(path.parent == tmp_path / "cache" / "export-lsp" for path in kept)
    assert [path for path in kept if path.stat().st_mode & 0o077] == []
    assert stat.S_IMODE((folder / "written.txt").stat().st_mode) == 0o666


async def test_there_is_no_network(
    start: Start, write: Write, environment: dict[str, str], tmp_path: Path
) -> None:
    log = log_connections(environment, tmp_path)
    editor = await start()
    file = write("model.py", GUARD)
    await editor.checked(lambda: editor.open(file))
    assert editor.shown(file) == FOUND
    assert connections(log) == []


async def test_text_from_a_model_cannot_control_an_editor(start: Start, write: Write) -> None:
    text = "\x1b]0;owned\x07\x1b[2J\u202eevil [x](command:y) <img src=z> `a`"
    body = f"raise ValueError({text!r} + str(x.sum() > 0))"
    file = write("model.py", f"print({text!r})\n{CLEAN.replace('return picked.sum()', body)}")
    editor = await start()
    await editor.checked(lambda: editor.open(file))
    [shown, *_] = editor.raw(file)
    await editor.idle()
    texts = [text for _, params in editor.notifications for text in _texts(params)]
    assert any("evil" in text for text in texts)
    assert not any(character in text for text in texts for character in "\x1b\u202e\x07")
    place = {"textDocument": {"uri": file.as_uri()}, "position": shown["range"]["start"]}
    hover = (await editor.request("textDocument/hover", place))["contents"]["value"]
    outside = "".join(part for index, part in enumerate(hover.split("```")) if index % 2 == 0)
    assert "](command:" not in outside.replace("\\]", "")
    assert "<img" not in outside.replace("\\<", "")


def _texts(value: Any) -> Iterator[str]:
    """Iterate over all strings in nested containers."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
