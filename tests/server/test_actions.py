"""Code actions: proved fixes are applied, move with the text, and are dropped if it changes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from lsprotocol import types

from export_lsp.server.editor.encodings import Encoding, from_client
from export_lsp.server.features import hover, problem_actions
from export_lsp.source import split_lines
from tests.server.conftest import Join, Start
from tests.server.editor import HINT, Editor, Json
from tests.server.models import GUARD, GUARD_TEXT, LAYERS, LOOP, MODEL, RAISED, WAITING_FOR_GATE

Write = Callable[[str, str], Path]

CHECK = "torch._check(picked.shape[0] > 0)"
TITLE = f"Insert `{CHECK}`: the export succeeds"
FIXED = GUARD.replace(f"        if {GUARD_TEXT}", f"        {CHECK}\n        if {GUARD_TEXT}")

TWO = GUARD.replace(
    "        return picked.sum()",
    "        # 寸法 🙂\n        if picked.shape[0] > 3: raise ValueError\n"
    "        return picked.sum()",
)


async def actions(
    editor: Editor, file: Path, line: int, only: Sequence[str] | None = None, *, wait: bool = True
) -> list[Json]:
    """Return the fixes offered on a 0-based line, after the search for them has ended."""
    if wait:
        await editor.wait_until(lambda: editor.raw(file))
    await editor.wait_until(lambda: not editor.status.get("busy"))
    place = {"line": line, "character": 0}
    end = {"line": line, "character": 200}
    context: Json = {"diagnostics": [], "triggerKind": 1}
    if only is not None:
        context["only"] = list(only)
    params = {
        "textDocument": {"uri": file.as_uri()},
        "range": {"start": place, "end": end},
        "context": context,
    }
    found: list[Json] = await editor.request("textDocument/codeAction", params)
    if only is not None:
        return found
    besides = (
        *(problem_actions.EXPLAIN, problem_actions.DETAIL),
        *(problem_actions.IGNORE, problem_actions.SEVERITY),
    )
    return [each for each in found if each["kind"] not in besides and "disabled" not in each]


def applied(editor: Editor, action: Json, files: Sequence[Path]) -> dict[Path, str]:
    """Return the texts of files after an action's edits, applied as an editor applies them."""
    encoding: Encoding = editor.server_capabilities["positionEncoding"]
    texts = {}
    for change in action["edit"]["documentChanges"]:
        [file] = [f for f in files if f.as_uri() == change["textDocument"]["uri"]]
        text, version = editor.documents.get(file, (file.read_text("utf-8"), None))
        assert change["textDocument"]["version"] == version
        lines = split_lines(text)
        starts = [sum(map(len, lines[:i])) for i in range(len(lines))]
        spans = []
        for edit in change["edits"]:
            ends = [
                from_client(lines, types.Position(**edit["range"][end]), encoding)
                for end in ("start", "end")
            ]
            spans.append((*(starts[p.line] + p.character for p in ends), edit["newText"]))
        for start, end, new in reversed(spans):
            text = text[:start] + new + text[end:]
        texts[file] = text
    return texts


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n")


async def test_a_guard_gets_a_check(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join()
    editor.open(file)
    [action] = await actions(editor, file, line_of(GUARD, GUARD_TEXT))
    assert (action["title"], action["kind"], action["isPreferred"]) == (TITLE, "quickfix", True)
    assert action["diagnostics"] == editor.raw(file)
    assert applied(editor, action, [file]) == {file: FIXED}
    assert await actions(editor, file, 0) == []
    editor.save(file, FIXED)
    await editor.wait_until(lambda: editor.raw(file) == [])
    assert await actions(editor, file, line_of(FIXED, GUARD_TEXT), wait=False) == []


async def test_an_action_that_lacks_nothing_resolves_to_itself(join: Join, write: Write) -> None:
    """Neovim resolves every action that has no command, VS Code every one that has no edits."""
    editor = await join()
    file = write("model.py", GUARD)
    await editor.checked(lambda: editor.open(file))
    [action] = await actions(editor, file, line_of(GUARD, GUARD_TEXT))
    assert (await editor.request("codeAction/resolve", action))["edit"] == action["edit"]
    kinds = [problem_actions.EXPLAIN, problem_actions.SEVERITY]
    for other in await actions(editor, file, line_of(GUARD, GUARD_TEXT), kinds):
        resolved = await editor.request("codeAction/resolve", other)
        assert resolved["command"] == other["command"]


async def test_fix_all(join: Join, write: Write) -> None:
    file = write("model.py", TWO)
    editor = await join()
    editor.open(file)
    [one] = await actions(editor, file, line_of(TWO, "shape[0] > 3"))
    assert one["title"].endswith("this problem is gone, 1 other remains")
    [action] = await actions(editor, file, 0, ["source.fixAll"])
    assert action["kind"] == "source.fixAll.exportLsp"
    assert action["title"] == "Fix all 2 problems: the export succeeds"
    text = applied(editor, action, [file])[file]
    assert ast.parse(text)
    assert text.count("torch._check(") == 2
    assert await actions(editor, file, 0, ["refactor"]) == []
    assert await actions(editor, file, 0, ["source.organizeImports"]) == []


async def test_edits_move_with_the_text_or_are_dropped(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join()
    editor.open(file)
    line = line_of(GUARD, GUARD_TEXT)
    assert len(await actions(editor, file, line)) == 1
    editor.change(file, f"# above\n{GUARD}")
    [action] = await actions(editor, file, line + 1)
    assert applied(editor, action, [file]) == {file: f"# above\n{FIXED}"}
    editor.change(file, GUARD.replace(f"if {GUARD_TEXT}:", f"if {GUARD_TEXT}:  # changed"))
    assert await actions(editor, file, line) == []
    editor.change(file, GUARD)
    assert len(await actions(editor, file, line)) == 1


async def test_an_applied_fix_clears_its_problem_at_once(join: Join, write: Write) -> None:
    file = write("model.py", TWO)
    editor = await join()
    editor.open(file)
    lines = [line_of(TWO, text) for text in (GUARD_TEXT, "shape[0] > 3")]
    [one] = [each for each in await actions(editor, file, lines[0]) if each.get("isPreferred")]
    [both] = await actions(editor, file, 0, ["source.fixAll"])
    [text] = applied(editor, one, [file]).values()
    [fixed] = applied(editor, both, [file]).values()
    checks = [each for each in editor.progress() if each["kind"] == "begin"]

    async def shown(text: str, *wanted: str) -> None:
        editor.change(file, text)
        await editor.wait_until(lambda: [each.text for each in editor.shown(file)] == [*wanted])

    await shown(text, "picked.shape[0] > 3")
    assert await actions(editor, file, lines[0] + 1) == []
    assert await actions(editor, file, 0, ["source.fixAll"]) == []
    await shown(f"# above\n{TWO}", GUARD_TEXT, "picked.shape[0] > 3")
    await shown(f"# above\n{text}", "picked.shape[0] > 3")
    await shown(fixed)
    assert await actions(editor, file, 0, ["source.fixAll"], wait=False) == []
    await shown(TWO.replace("[0] == 0", "[0] in (0,)"), "picked.shape[0] > 3")
    await shown(TWO, GUARD_TEXT, "picked.shape[0] > 3")
    assert [each for each in editor.progress() if each["kind"] == "begin"] == checks


async def test_typing_elsewhere_publishes_nothing(join: Join, write: Write) -> None:
    """An editor moves the diagnostics itself; publishing them again would only make it work."""
    file = write("model.py", GUARD)
    editor = await join()
    editor.open(file)
    assert await actions(editor, file, line_of(GUARD, GUARD_TEXT))
    before = len(editor.published)
    for number in range(5):
        editor.insert(file, 0, f"# {number}\n")
    line = line_of(editor.documents[file][0], GUARD_TEXT)
    editor.insert(file, 0, "# export-lsp: ignore[nonsense]\n")
    assert await actions(editor, file, line + 1)
    assert len(editor.published) == before


async def test_an_ignore_comment_takes_effect_as_it_is_typed(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join()
    editor.open(file)
    [action] = await actions(editor, file, line_of(GUARD, GUARD_TEXT), [problem_actions.IGNORE])
    [text] = applied(editor, action, [file]).values()
    for _ in range(2):
        editor.change(file, text)
        await editor.wait_until(lambda: editor.raw(file) == [])
        editor.change(file, GUARD)
        await editor.wait_until(lambda: editor.raw(file) != [])


async def test_a_fix_in_a_module_that_is_imported(join: Join, write: Write) -> None:
    model, layers = write("model.py", MODEL), write("layers.py", LAYERS)
    editor = await join()
    editor.open(model)
    await editor.wait_until(lambda: layers.as_uri() in editor.diagnostics)
    await editor.wait_until(lambda: not editor.status.get("busy"))
    editor.open(layers)
    [action] = await actions(editor, layers, line_of(LAYERS, GUARD_TEXT))
    assert CHECK in applied(editor, action, [layers])[layers]


async def test_no_fixes_if_they_are_off(start: Start, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await start(fixCandidates=0)
    editor.open(file)
    assert await actions(editor, file, line_of(GUARD, GUARD_TEXT)) == []


async def test_a_client_without_versioned_edits(start: Start, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await start(client="vim-ale-3.3")
    editor.open(file)
    found = await actions(editor, file, line_of(GUARD, GUARD_TEXT))
    for action in found:
        assert "documentChanges" in action["edit"] or file.as_uri() in action["edit"]["changes"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_columns_count_the_clients_code_units(
    start: Start, write: Write, encoding: str
) -> None:
    text = GUARD.replace("        if picked", "        漢 = '🙂'; x = x if picked").replace(
        f":\n            {RAISED}\n", " else x + 1\n"
    )
    assert ast.parse(text)
    file = write("model.py", text)
    editor = await start(encodings=[encoding])
    editor.open(file)
    found = await actions(editor, file, line_of(text, GUARD_TEXT))
    [action] = [each for each in found if each["title"].startswith("Require ")]
    assert "isPreferred" not in action
    assert f"'🙂'; {CHECK}; x = x if" in applied(editor, action, [file])[file]


async def test_a_saved_comment_ignores_a_problem_without_a_check(join: Join, write: Write) -> None:
    file = write("model.py", GUARD)
    editor = await join()
    editor.open(file)
    line = line_of(GUARD, GUARD_TEXT)
    [action] = await actions(editor, file, line, [problem_actions.IGNORE])
    assert action["title"] == "Ignore `data-dependent-guard` in this line"
    [text] = applied(editor, action, [file]).values()
    head = f"{GUARD_TEXT}:"
    assert text == GUARD.replace(head, f"{head}  # export-lsp: ignore[data-dependent-guard]")
    checks = [each for each in editor.progress() if each["kind"] == "begin"]
    editor.save(file, text)
    await editor.wait_until(lambda: editor.raw(file) == [])
    editor.save(file, text.replace("ignore[", "ignore[graph-break, "))
    [unused] = await editor.wait_until(lambda: editor.raw(file))
    assert unused["code"] == "unused-ignore"
    assert [each for each in editor.progress() if each["kind"] == "begin"] == checks


def titles(found: Sequence[Json]) -> list[str]:
    return [each["title"] for each in found]


async def test_a_problem_without_a_fix_says_why(join: Join, folder: Path, write: Write) -> None:
    gate = folder / "gate"
    text = WAITING_FOR_GATE.format(gate=str(gate))
    file, loop = write("model.py", text), write("loop.py", LOOP)
    editor = await join(modes=["non-strict"])
    editor.open(file)
    await editor.wait_until(lambda: editor.raw(file))
    line = line_of(text, GUARD_TEXT)
    always = [
        "Explain rule `data-dependent-guard`",
        "Ignore `data-dependent-guard` in this line",
        "Set severity of `data-dependent-guard`…",
    ]
    [looking, *others] = await offered(editor, file, line)
    assert looking["title"] == "Looking for a fix…"
    assert "tried" in looking["disabled"]["reason"]
    assert titles(others) == always
    published = len(editor.published)
    gate.touch()
    # The client asks for the actions of a diagnostic that has changed.
    await editor.wait_until(lambda: editor.raw(file)[0]["data"]["fix"] == "found")
    assert len(editor.published) > published
    [fix, *others] = await offered(editor, file, line)
    assert fix["title"].startswith("Insert `torch._check(")
    assert titles(others) == always
    await editor.checked(lambda: editor.open(loop))
    [problem] = editor.raw(loop)
    assert problem["data"]["fix"] == "none"
    [none, *others] = await offered(editor, loop, line_of(LOOP, "while"))
    assert none["title"] == "No fix found: no edit is known that may help"
    assert none["disabled"]["reason"] == "no edit is known that may help"
    assert len(others) == 3


async def offered(editor: Editor, file: Path, line: int) -> list[Json]:
    """Return all actions on a 0-based line as they are now."""
    place, end = {"line": line, "character": 0}, {"line": line, "character": 200}
    params = {
        "textDocument": {"uri": file.as_uri()},
        "range": {"start": place, "end": end},
        "context": {"diagnostics": []},
    }
    found: list[Json] = await editor.request("textDocument/codeAction", params)
    return found


async def test_a_client_without_disabled_actions_gets_none(start: Start, write: Write) -> None:
    file = write("loop.py", LOOP)
    editor = await start(client="neovim-0.11")
    await editor.checked(lambda: editor.open(file))
    found = await offered(editor, file, line_of(LOOP, "while"))
    assert [each["kind"] for each in found] == [
        problem_actions.EXPLAIN,
        problem_actions.IGNORE,
        problem_actions.SEVERITY,
    ]


# torch's text about this has a graph and a stack.
CHANGED_IN_BRANCH = """\
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda y: y.add_(1), lambda y: y - 1, (x,))


model = Net()
example_args = (torch.ones(4),)
"""


async def test_torchs_text_is_opened_where_a_hover_has_a_part_of_it(
    join: Join, write: Write
) -> None:
    file = write("branch.py", CHANGED_IN_BRANCH)
    editor = await join(modes=["non-strict"])
    await editor.checked(lambda: editor.open(file))
    [diagnostic] = editor.raw(file)
    assert len(diagnostic["data"]["detail"].splitlines()) > hover.DETAIL_LINES
    line = line_of(CHANGED_IN_BRANCH, "torch.cond")
    [action] = await actions(editor, file, line, [problem_actions.DETAIL])
    assert action["title"] == "Show torch's text about `graph-break`"
    await editor.command(action["command"]["command"], *action["command"]["arguments"])
    [shown] = await editor.wait_until(lambda: sent(editor, "window/showDocument"))
    text = Path(shown["uri"].removeprefix("file://")).read_text()
    assert text == diagnostic["data"]["detail"]
    assert "export_lsp" not in text


async def test_the_rule_is_explained_and_its_severity_set(join: Join, write: Write) -> None:
    settings = write("pyproject.toml", "[tool.export-lsp]\ntimeout = 60\n")
    file = write("loop.py", LOOP)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    line = line_of(LOOP, "while")
    [explain] = await actions(editor, file, line, [problem_actions.EXPLAIN])
    await editor.command(explain["command"]["command"], *explain["command"]["arguments"])
    shown = await editor.wait_until(lambda: sent(editor, "window/showDocument"))
    page = Path(shown[0]["uri"].removeprefix("file://"))
    assert page.read_text().startswith("# data-dependent-branch\n")
    [severity] = await actions(editor, file, line, [problem_actions.SEVERITY])
    editor.answer = "hint"
    await editor.command(severity["command"]["command"], *severity["command"]["arguments"])
    [edit] = await editor.wait_until(lambda: sent(editor, "workspace/applyEdit"))
    [text] = applied(editor, edit, [settings]).values()
    assert text == (
        "[tool.export-lsp]\ntimeout = 60\n\n"
        '[tool.export-lsp.severities]\ndata-dependent-branch = "hint"\n'
    )
    await editor.wait_until(lambda: len(sent(editor, "window/showDocument")) == 2)
    settings.write_text(text)
    editor.watched(settings, 2)
    await editor.wait_until(lambda: [each.severity for each in editor.shown(file)] == [HINT])
    editor.answer = None


def sent(editor: Editor, method: str) -> list[Json]:
    """Return the requests of the server by their method."""
    return [params for name, params in editor.requests if name == method]
