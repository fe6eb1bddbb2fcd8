"""Dynamic shapes are added on request, after the user has seen the edit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.server.conftest import Start
from tests.server.test_actions import actions, applied
from tests.server.test_example_inputs import proposal

Write = Callable[[str, str], Path]

NET = """\
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        rows, columns = x.shape
        return x.view(rows // 4, 4, columns).sum(1)


model = Net()
example_args = (torch.ones(8, 3),)
"""
SHAPES = '{"x": {0: 4 * torch.export.Dim("_rows"), 1: torch.export.Dim("columns")}}'
DECLARED = f"{NET}dynamic_shapes = {SHAPES}\n"
TITLE = "Export: add dynamic shapes to model…"
DECLARATION = NET.split("\n").index("model = Net()")


def offered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in found if each["title"] == TITLE]


async def test_the_widest_shapes_are_proposed(start: Start, folder: Path, write: Write) -> None:
    file = write("net.py", NET)
    editor = await start(folder)
    await editor.checked(lambda: editor.open(file))
    [action] = offered(await actions(editor, file, DECLARATION, wait=False))
    assert action["kind"] == "refactor.rewrite"
    command = action["command"]
    await editor.command(command["command"], *command["arguments"])
    params = await proposal(editor)
    [annotation] = params["edit"]["changeAnnotations"].values()
    assert annotation == {
        "label": "Add dynamic shapes",
        "needsConfirmation": True,
        "description": "exports in non-strict and strict mode",
    }
    [change] = params["edit"]["documentChanges"]
    change["textDocument"]["version"] = editor.documents[file][1]
    assert applied(editor, params, [file]) == {file: DECLARED}


async def test_a_target_with_shapes_is_left_alone(start: Start, folder: Path, write: Write) -> None:
    file = write("net.py", DECLARED)
    editor = await start(folder)
    await editor.checked(lambda: editor.open(file))
    assert offered(await actions(editor, file, DECLARATION, wait=False)) == []


async def test_a_model_that_needs_its_sizes(start: Start, folder: Path, write: Write) -> None:
    file = write("net.py", NET.replace("rows // 4, 4, columns", "2, 4, 3"))
    editor = await start(folder)
    await editor.checked(lambda: editor.open(file))
    [action] = offered(await actions(editor, file, DECLARATION, wait=False))
    command = action["command"]
    await editor.command(command["command"], *command["arguments"])
    [message] = await editor.wait_until(editor.messages)
    assert (
        message == "export-lsp: No dynamic shapes for model: the code needs all sizes as they are."
    )
