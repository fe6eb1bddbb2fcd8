"""Settings: their sources, their errors, and their immediate effect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.server.conftest import Join, Start
from tests.server.editor import ERROR, HINT, Editor, Shown
from tests.server.models import CLEAN_LAYERS, GUARD, GUARD_TEXT, LAYERS, MODEL, WAITING

Write = Callable[[str, str], Path]
FOUND = [Shown("data-dependent-guard", GUARD_TEXT, ERROR)]

TARGET = """\
[[tool.export-lsp.target]]
file = "model.py"
model = "Pick()"
args = "(torch.ones(4), torch.tensor([True, False, True, True]))"
"""


async def test_errors_are_one_message_and_the_other_settings_apply(
    join: Join, write: Write
) -> None:
    project = write("pyproject.toml", '[tool.export-lsp]\ndevice = "gpu"\nmodes = ["strict"]\n')
    file = write("model.py", GUARD)
    editor = await join(timeot=3)
    await editor.checked(lambda: editor.open(file))
    editor.open(project)
    editor.save(project)
    await editor.checked(lambda: editor.save(file, GUARD + "\n"))
    (message,) = editor.messages()
    assert f'{project}:2: device = "gpu" must be auto, cpu' in message
    assert "the editor's settings: timeot = 3 is not a setting (did you mean timeout?)." in message
    assert editor.status["health"] == "warning"
    (diagnostic,) = editor.raw(file)
    assert diagnostic["data"]["modes"] == ["strict"]
    editor.save(project, "[tool.export-lsp]\n")
    await editor.wait_until(lambda: editor.raw(file)[0]["data"]["modes"] != ["strict"])


async def test_a_malformed_pyproject(join: Join, write: Write) -> None:
    project = write("pyproject.toml", "[tool.export-lsp\n")
    file = write("model.py", GUARD)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    (message,) = editor.messages()
    assert f"{project}:1: cannot be read" in message
    assert editor.shown(file) == FOUND


async def test_declared_targets_come_and_go(join: Join, write: Write) -> None:
    project = write("pyproject.toml", "")
    file = write("model.py", GUARD.partition("\n\nmodel = ")[0])
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    assert [shown.code for shown in editor.shown(file)] == ["no-target"]
    project.write_text(TARGET)
    await editor.checked(lambda: editor.watched(project, 2))
    assert editor.shown(file) == FOUND
    project.write_text("")
    await editor.checked(lambda: editor.watched(project, 2))
    assert [shown.code for shown in editor.shown(file)] == ["no-target"]


async def change_settings(editor: Editor, file: Path, *, requested: bool) -> None:
    """Change a severity twice; the settings are requested by the server or sent by the client."""
    await editor.checked(lambda: editor.open(file))
    assert editor.shown(file) == FOUND

    def change(severity: str) -> None:
        changed = {"severities": {"data-dependent-guard": severity}, "device": None}
        editor.configuration[file.parent.as_uri()] = changed if requested else {"device": "wrong"}
        settings = None if requested else {"exportLsp": changed}
        editor.notify("workspace/didChangeConfiguration", {"settings": settings})

    change("hint")
    await editor.wait_until(lambda: [item.severity for item in editor.shown(file)] == [HINT])
    change("off")
    await editor.wait_until(lambda: editor.shown(file) == [])
    statuses = [p["message"] for m, p in editor.notifications if m == "exportLsp/status"]
    checking = [message for message in statuses if message.startswith("Checking ")]
    assert len(checking) == 1, "a severity is no reason to check again"


async def test_settings_that_the_server_requests(join: Join, write: Write) -> None:
    await change_settings(await join(), write("model.py", GUARD), requested=True)


async def test_settings_that_the_client_sends(start: Start, write: Write) -> None:
    editor = await start(client="vim-ale-3.3")
    await change_settings(editor, write("model.py", GUARD), requested=False)


async def test_manual_checks_on_command_only(join: Join, write: Write) -> None:
    file, other = write("model.py", GUARD), write("other.py", GUARD)
    editor = await join(run="manual")
    editor.open(file)
    editor.save(file)
    editor.open(other)
    await editor.checked(lambda: editor_command(editor, file))
    assert editor.shown(file) == FOUND
    assert editor.raw(other) == []


def editor_command(editor: Editor, file: Path) -> None:
    editor.notify_command("exportLsp.check", file.as_uri())


async def test_excluded_files_are_not_checked(join: Join, write: Write) -> None:
    inside, model = write(".venv/lib/model.py", GUARD), write("model.py", GUARD)
    editor = await join()
    editor.open(inside)
    await editor.checked(lambda: editor.open(model))
    assert editor.shown(model) == FOUND
    assert editor.raw(inside) == []


async def test_two_folders_with_two_interpreters(
    start: Start, tmp_path: Path, torch_python: Path, bare_python: Path
) -> None:
    with_torch, without = tmp_path / "with", tmp_path / "without"
    files = []
    for folder in (with_torch, without):
        folder.mkdir()
        (folder / "model.py").write_text(GUARD)
        files.append(folder / "model.py")
    (without / "pyproject.toml").write_text(f'[tool.export-lsp]\ninterpreter = "{bare_python}"')
    selected = str(torch_python)
    editor = await start(with_torch, without, interpreter=None, pythonInterpreter=selected)
    for file in files:
        editor.open(file)
    (message,) = await editor.wait_until(editor.messages)
    assert str(bare_python) in message
    await editor.wait_until(lambda: editor.shown(files[0]) == FOUND)
    assert editor.raw(files[1]) == []
    assert editor.status["health"] == "error"
    folders = {"added": [], "removed": [{"uri": without.as_uri(), "name": "without"}]}
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": folders})
    await editor.wait_until(lambda: editor.status["health"] == "ok")


async def test_a_folder_that_is_added_is_checked(join: Join, tmp_path: Path, write: Write) -> None:
    other = tmp_path / "other"
    other.mkdir()
    file = other / "model.py"
    file.write_text(GUARD)
    editor = await join()
    editor.open(file)
    folders = {"added": [{"uri": other.as_uri(), "name": "other"}], "removed": []}
    event = {"event": folders}
    await editor.checked(lambda: editor.notify("workspace/didChangeWorkspaceFolders", event))
    assert editor.shown(file) == FOUND
    event = {"event": {"added": [], "removed": folders["added"]}}
    editor.notify("workspace/didChangeWorkspaceFolders", event)
    await editor.wait_until(lambda: editor.raw(file) == [])


async def test_a_file_belongs_to_the_innermost_folder(
    join: Join, folder: Path, write: Write
) -> None:
    write("inner/pyproject.toml", '[tool.export-lsp.severities]\ndata-dependent-guard = "hint"\n')
    file = write("inner/model.py", 'print("loaded")\n' + GUARD)
    editor = await join()
    inner = {"uri": file.parent.as_uri(), "name": "inner"}
    event = {"event": {"added": [inner], "removed": []}}
    editor.notify("workspace/didChangeWorkspaceFolders", event)
    await editor.wait_until(lambda: inner["uri"] in str(editor.requests))
    await editor.checked(lambda: editor.open(file))
    assert [item.severity for item in editor.shown(file)] == [HINT]
    logged = [p["message"] for m, p in editor.notifications if m == "window/logMessage"]
    assert sum("loaded" in text for text in logged) == 1
    event = {"event": {"added": [], "removed": [inner]}}
    editor.notify("workspace/didChangeWorkspaceFolders", event)
    await editor.wait_until(lambda: [item.severity for item in editor.shown(file)] == [ERROR])


async def test_a_file_without_a_folder_is_checked_in_its_project(
    start: Start, folder: Path, write: Write, torch_python: Path
) -> None:
    write("pyproject.toml", f'[tool.export-lsp]\ninterpreter = "{torch_python}"\n')
    file = write("models/model.py", GUARD)
    library = folder.parent / "site-packages" / "other.py"
    library.parent.mkdir()
    library.write_text(GUARD)
    editor = await start(no_folder=True, interpreter=None)
    editor.open(library)
    await editor.checked(lambda: editor.open(file))
    assert editor.shown(file) == FOUND
    assert editor.raw(library) == []
    await editor.command("exportLsp.check", library.as_uri())
    (message,) = await editor.wait_until(editor.messages)
    assert message == "export-lsp: other.py is in no workspace folder, it is not checked."


async def test_progress_can_be_cancelled(join: Join, folder: Path, write: Write) -> None:
    file = write("model.py", WAITING.format(gate=folder / "gate"))
    editor = await join()
    editor.open(file)
    await editor.wait_until(lambda: "capturing" in str(editor.progress()))
    begin = editor.progress()[0]
    assert begin["kind"] == "begin"
    assert begin["title"] == "Checking model.py"
    assert begin["cancellable"] is True
    token = next(p["token"] for m, p in editor.notifications if m == "$/progress")
    assert isinstance(token, str)
    editor.notify("window/workDoneProgress/cancel", {"token": token})
    await editor.idle()
    await editor.wait_until(lambda: editor.progress()[-1]["kind"] == "end")
    assert editor.raw(file) == []
    await editor.checked(lambda: editor.save(file, GUARD))
    assert editor.shown(file) == FOUND


async def test_restart_starts_a_new_host(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    before = set(editor.marked_processes())
    await editor.checked(lambda: editor.notify_command("exportLsp.restart"))
    after = set(editor.marked_processes())
    assert before & after == {editor.process.pid}
    assert len(after) >= 2
    assert editor.shown(file) == FOUND


async def test_a_standby_process_instead_of_forking(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join(standby=True)
    await editor.checked(lambda: editor.open(file))
    assert editor.shown(file) == FOUND


async def test_findings_of_two_folders_in_a_module_are_one_problem(
    start: Start, folder: Path, write: Write
) -> None:
    module = write("inner/layers.py", LAYERS)
    files = [
        write("inner/model.py", MODEL),
        write("model.py", MODEL.replace("from layers", "from inner.layers")),
    ]
    editor = await start(folder, module.parent)
    for file in (module, *files):
        editor.open(file)
    await editor.wait_until(
        lambda: [len(item["data"]["targets"]) for item in editor.raw(module)] == [2]
    )
    assert editor.shown(module) == FOUND
    await editor.idle()
    editor.save(module, CLEAN_LAYERS)
    await editor.wait_until(lambda: not editor.raw(module))
    await editor.idle()
    assert [editor.raw(file) for file in (module, *files)] == [[], [], []]
