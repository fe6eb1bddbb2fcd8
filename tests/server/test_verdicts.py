"""Verdicts as editors get them: notifications, the view of the workspace, and lenses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.server.conftest import Join, Start
from tests.server.editor import Editor, Json
from tests.server.models import CLEAN, CLEAN_LAYERS, GUARD, LAYERS, MODEL, RAISED
from tests.server.test_lenses import SCRIPT, lenses

Write = Callable[[str, str], Path]

EXPORTS = "exports ✓ both modes · matches eager"
BARE = LAYERS


def verdicts(editor: Editor, file: Path) -> list[Json | None]:
    """Return the verdicts on a file that were sent, in order."""
    return [
        params["verdict"]
        for method, params in editor.notifications
        if method == "$/exportLsp/verdict" and params["uri"] == file.as_uri()
    ]


def text(editor: Editor, file: Path) -> str | None:
    """Return the text of the newest verdict on a file."""
    found = verdicts(editor, file)
    return found[-1]["text"] if found and found[-1] is not None else None


async def told(editor: Editor, file: Path, wanted: str) -> Json:
    """Wait for a text of the verdict on a file, and return the verdict."""
    try:
        await editor.wait_until(lambda: text(editor, file) == wanted)
    except AssertionError:
        raise AssertionError(
            f"{[each and each['text'] for each in verdicts(editor, file)]}"
        ) from None
    found = verdicts(editor, file)[-1]
    assert found is not None
    return found


async def workspace(editor: Editor) -> dict[str, str]:
    """Return the text for each file of the workspace."""
    result = await editor.request("exportLsp/verdicts", {})
    return {each["name"]: each["text"] for folder in result["folders"] for each in folder["files"]}


async def test_a_model_that_exports(join: Join, write: Write) -> None:
    file = write("model.py", CLEAN)
    editor = await join()
    editor.open(file)
    verdict = await told(editor, file, EXPORTS)
    assert "checking…" in [each and each["text"] for each in verdicts(editor, file)]
    assert (verdict["state"], verdict["outdated"], verdict["name"]) == (
        "exports",
        False,
        "model.py",
    )
    [target] = verdict["targets"]
    assert (target["name"], target["text"]) == ("model", EXPORTS)
    assert target["location"]["uri"] == file.as_uri()
    line = CLEAN.splitlines().index("model = Pick()")
    assert target["location"]["range"]["start"] == {"line": line, "character": 8}
    details = {each["label"]: each["text"] for each in verdict["details"]}
    assert details["Modes"] == "non-strict exports, strict exports"
    assert details["Not asked for"] == "`save`"
    [lens, *_] = await lenses(editor, file)
    assert lens["range"]["start"] == {"line": line, "character": 8}
    assert lens["command"]["title"] == EXPORTS
    assert lens["command"]["arguments"] == [file.as_uri()]
    assert "Modes: non-strict exports" in lens["command"]["tooltip"]
    assert [each["message"] for each in editor.progress() if each["kind"] == "end"] == [EXPORTS]
    assert "workspace/codeLens/refresh" in [method for method, _ in editor.requests]


async def test_an_edit_and_its_undoing(join: Join, write: Write) -> None:
    file = write("model.py", CLEAN)
    editor = await join()
    editor.open(file)
    await told(editor, file, EXPORTS)
    editor.insert(file, 0, "\n")
    verdict = await told(editor, file, f"{EXPORTS} · edited since")
    assert verdict["outdated"]
    editor.change(file, CLEAN)
    assert not (await told(editor, file, EXPORTS))["outdated"]
    editor.save(file, GUARD)
    verdict = await told(editor, file, "✗ 1 problem")
    assert verdict["state"] == "fails"
    line = GUARD.splitlines().index("        if picked.shape[0] == 0:")
    assert verdict["location"]["range"]["start"]["line"] == line
    editor.change(file, GUARD.replace("picked.shape[0] == 0", "False"))
    await told(editor, file, "✗ 1 problem · edited since")


async def test_a_remembered_result_has_its_verdict(join: Join, write: Write) -> None:
    file = write("model.py", CLEAN)
    editor = await join()
    editor.open(file)
    await told(editor, file, EXPORTS)
    editor.save(file, GUARD)
    await told(editor, file, "✗ 1 problem")
    await editor.idle()
    recalled = editor.recalled
    editor.save(file, CLEAN.replace("model = ", "\n\n# moved\nmodel = "))
    verdict = await told(editor, file, EXPORTS)
    assert editor.recalled == recalled + 1
    [target] = verdict["targets"]
    place = target["location"]["range"]["start"]["line"]
    assert editor.documents[file][0].splitlines()[place].startswith("model = ")


async def test_ignored_problems_severities_and_modes(join: Join, write: Write) -> None:
    ignored = GUARD.replace("== 0:", "== 0:  # export-lsp: ignore[data-dependent-guard] known")
    file = write("model.py", ignored)
    editor = await join(modes=["non-strict"])
    editor.open(file)
    await told(editor, file, "does not export · 1 problem ignored")
    editor.save(file, CLEAN)
    await told(editor, file, "exports ✓ non-strict mode · matches eager")


async def test_files_that_are_not_checked(join: Join, write: Write) -> None:
    bare, script, plain = write("bare.py", BARE), write("script.py", SCRIPT), write("a.py", "x = 1")
    broken = write("broken.py", f"{CLEAN}\n)")
    editor = await join()
    for file in (bare, script, plain, broken):
        editor.open(file)
    verdict = await told(editor, bare, "not checked: no example inputs")
    assert verdict["details"][0]["label"] == "Hint"
    await told(editor, script, "not checked: exported by a script")
    verdict = await told(editor, broken, "✗ 1 problem")
    assert [each["label"] for each in verdict["details"]] == ["Problem"]
    assert "\n" not in verdict["details"][0]["text"]
    assert verdicts(editor, plain) == []


async def test_a_module_has_the_verdict_of_the_target_that_uses_it(
    join: Join, write: Write
) -> None:
    layers, model = write("layers.py", LAYERS), write("model.py", MODEL)
    editor = await join()
    editor.open(model)
    await told(editor, model, "✗ 1 problem")
    editor.open(layers)
    await told(editor, layers, "model.py: ✗ 1 problem")
    editor.save(layers, CLEAN_LAYERS)
    await told(editor, model, EXPORTS)
    await told(editor, layers, f"model.py: {EXPORTS}")


async def test_several_targets(join: Join, write: Write) -> None:
    several = GUARD.partition("\n\nmodel = ")[0] + (
        "\n\nchoice = torch.tensor([True, False])\n"
        "export_targets = {\n"
        '    "guard": {"model": Pick, "args": (torch.ones(2), choice)},\n'
        '    "relu": {"model": torch.nn.ReLU, "args": (torch.ones(2),)},\n'
        "}\n"
    )
    file = write("model.py", several)
    editor = await join()
    editor.open(file)
    verdict = await told(editor, file, "✗ 1 problem in 1 of 2 targets")
    assert [(each["name"], each["text"]) for each in verdict["targets"]] == [
        ("guard", "✗ 1 problem"),
        ("relu", EXPORTS),
    ]
    titles = [lens["command"]["title"] for lens in await lenses(editor, file)]
    assert titles == ["guard: ✗ 1 problem", f"relu: {EXPORTS}", "graph"]


async def test_a_manual_check_and_a_workspace(join: Join, write: Write) -> None:
    clean, guard = write("clean.py", CLEAN), write("guard.py", GUARD)
    write("bare.py", BARE)
    write("script.py", SCRIPT)
    editor = await join(run="manual")
    editor.open(clean)
    await told(editor, clean, "not checked: only on request")
    expected = {
        "bare.py": "not checked: no example inputs",
        "clean.py": "not checked: only on request",
        "guard.py": "not checked: not opened yet",
        "script.py": "not checked: exported by a script",
    }
    assert (await workspace(editor)).items() >= expected.items()
    await editor.command("exportLsp.checkAll")
    [said] = await editor.wait_until(lambda: editor.messages())
    assert said.startswith("export-lsp: 2 targets: 1 fails, 1 exports; 2 files not checked: ")
    assert said.endswith("1 no example inputs, 1 exported by a script.")
    await told(editor, guard, "✗ 1 problem")
    found = await workspace(editor)
    assert (found["clean.py"], found["guard.py"]) == (EXPORTS, "✗ 1 problem")
    editor.close(clean)
    clean.write_text(GUARD.replace(RAISED, "pass"))
    editor.watched(clean, 2)
    await told(editor, clean, f"{EXPORTS} · edited since")


async def test_an_untrusted_folder(start: Start, write: Write) -> None:
    file = write("model.py", CLEAN)
    editor = await start(trusted=False)
    editor.open(file)
    await told(editor, file, "not checked: the folder is not trusted")
    assert await workspace(editor) == {"model.py": "not checked: the folder is not trusted"}


async def test_no_torch(start: Start, write: Write, bare_python: Path) -> None:
    file = write("model.py", CLEAN)
    editor = await start(interpreter=str(bare_python))
    editor.open(file)
    verdict = await told(editor, file, "no torch")
    assert verdict["state"] == "unable"
    assert str(bare_python) in verdict["details"][0]["text"]
    assert len(editor.messages()) == 1


def tokens(editor: Editor, title: str) -> list[str]:
    """Return the tokens of the progress bars with a title."""
    return [
        params["token"]
        for method, params in editor.notifications
        if method == "$/progress" and params["value"].get("title") == title
    ]


async def test_a_check_that_is_stopped_or_cancelled(join: Join, write: Write) -> None:
    endless = CLEAN.replace("picked = x[choice]", "while True: pass")
    file = write("model.py", endless)
    editor = await join(timeout=2.0)
    editor.open(file)
    await told(editor, file, "? not finished: out of time")
    await editor.idle()
    editor.save(file, endless.replace("pass", "x + 1"))
    await editor.wait_until(lambda: text(editor, file) == "checking…")
    title = f"Checking {file.name}"
    [token] = await editor.wait_until(lambda: tokens(editor, title)[1:])
    editor.notify("window/workDoneProgress/cancel", {"token": token})
    await told(editor, file, "? not finished: cancelled")


async def test_an_excluded_file(join: Join, write: Write) -> None:
    file = write("old/model.py", CLEAN)
    editor = await join(exclude=["old"])
    editor.open(file)
    await told(editor, file, "not checked: excluded")
    assert "old/model.py" in str(await editor.request("exportLsp/verdicts", {}))


async def test_a_superseded_check_has_no_verdict(join: Join, write: Write) -> None:
    file = write("model.py", CLEAN)
    editor = await join()
    editor.open(file)
    await editor.wait_until(lambda: text(editor, file) == "checking…")
    editor.save(file, GUARD)
    await told(editor, file, "✗ 1 problem")
    assert EXPORTS not in [each and each["text"] for each in verdicts(editor, file)]


async def test_a_target_that_pyproject_declares(join: Join, write: Write) -> None:
    model = CLEAN.partition("\n\nmodel = ")[0]
    args = "(torch.ones(2), torch.tensor([True, False]))"
    table = f'[[tool.export-lsp.target]]\nfile = "net.py"\nmodel = "Pick()"\nargs = "{args}"\n'
    file = write("net.py", model)
    pyproject = write("pyproject.toml", table)
    editor = await join()
    editor.open(file)
    verdict = await told(editor, file, EXPORTS)
    [target] = verdict["targets"]
    assert target["location"]["uri"] == pyproject.as_uri()
    [lens, *_] = await lenses(editor, file)
    assert lens["range"]["start"] == {"line": 0, "character": 0}
    assert lens["command"]["title"] == EXPORTS
