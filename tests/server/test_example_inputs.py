"""Example inputs are added on request, after the user has seen the edit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.server.conftest import Start
from tests.server.editor import Editor
from tests.server.test_actions import actions, applied

Write = Callable[[str, str], Path]

NET = """\
import torch


class Net(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = torch.nn.Linear(width, 2)

    def forward(self, x):
        return self.linear(x.flatten(1))
"""
TEST = """\
import torch
from net import Net


def test_net():
    net = Net(3 * 7)
    assert net(torch.rand(5, 3, 7)).shape == (5, 2)
"""
DECLARED = f"""\
{NET}

model = Net(21)
example_args = (torch.rand(5, 3, 7),)
"""
UNKNOWN = NET.replace("(self, x)", "(self, x: dict)").replace("x.flatten(1)", 'x["x"]')
TITLE = "Export: add example inputs…"


async def proposal(editor: Editor) -> dict[str, Any]:
    """Return the parameters of the edit that the server proposes."""

    def proposed() -> list[dict[str, Any]]:
        return [each for method, each in editor.requests if method == "workspace/applyEdit"]

    return (await editor.wait_until(proposed))[0]


async def test_a_test_tells_the_inputs(start: Start, folder: Path, write: Write) -> None:
    file = write("net.py", NET)
    write("tests/test_net.py", TEST)
    editor = await start(folder, fixCandidates=0)
    editor.open(file)
    found = await actions(editor, file, 3)
    [action] = [each for each in found if each["title"] == TITLE]
    assert action["diagnostics"] == editor.raw(file)
    command = action["command"]
    await editor.command(command["command"], *command["arguments"])
    params = await proposal(editor)
    [annotation] = params["edit"]["changeAnnotations"].values()
    assert params["label"] == "Add example inputs"
    assert annotation == {
        "label": "Add example inputs",
        "needsConfirmation": True,
        "description": "as in tests/test_net.py:6, tests/test_net.py:7",
    }
    [change] = params["edit"]["documentChanges"]
    change["textDocument"]["version"] = editor.documents[file][1]
    assert applied(editor, params, [file]) == {file: DECLARED}


async def test_unknown_inputs_get_a_skeleton(start: Start, folder: Path, write: Write) -> None:
    file = write("net.py", UNKNOWN)
    editor = await start(folder, client="neovim-0.11", fixCandidates=0)
    editor.open(file)
    await editor.command("exportLsp.exampleInputs", file.as_uri())
    params = await proposal(editor)
    [[edit]] = params["edit"]["changes"].values()
    assert "# model = Net(width=...)\n" in edit["newText"]
    [message] = editor.messages()
    assert message.startswith("export-lsp: No inputs were found that Net runs with; fill in the")


async def test_an_unsaved_file_is_saved_first(start: Start, folder: Path, write: Write) -> None:
    file = write("net.py", NET)
    editor = await start(folder, fixCandidates=0)
    editor.open(file)
    editor.change(file, f"{NET}\n")
    await editor.command("exportLsp.exampleInputs", file.as_uri())
    await editor.wait_until(lambda: editor.status)
    [message] = await editor.wait_until(editor.messages)
    assert message == "export-lsp: Save net.py first: inputs are tried with the file on disk."


async def test_a_declared_model_needs_no_inputs(start: Start, folder: Path, write: Write) -> None:
    file = write("net.py", DECLARED)
    editor = await start(folder)
    editor.open(file)
    await editor.command("exportLsp.exampleInputs", file.as_uri())
    [message] = await editor.wait_until(editor.messages)
    assert message == "export-lsp: net.py has no model without example inputs."
