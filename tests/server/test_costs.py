"""Operators and costs in the editor: hovers on values and classes, and lenses over targets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.server.conftest import Join, Start
from tests.server.editor import Editor
from tests.server.test_hover import hovered
from tests.server.test_lenses import lenses

Write = Callable[[str, str], Path]

NET = """\
import torch
from torch.export import Dim


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(8, 8)

    def forward(self, x):
        y = torch.relu(self.fc(x)).transpose(0, 1)
        return y.transpose(0, 1)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList([Layer(), Layer(), Layer()])
        self.head = torch.nn.Linear(8, 3)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


model = Net
example_args = (torch.ones(2, 8),)
dynamic_shapes = {"x": {0: Dim("batch", max=64)}}
"""
COST = "243 parameters · 27.6 kFLOP at most"


async def text_at(editor: Editor, file: Path, place: str) -> str:
    answer = await hovered(editor, file, place)
    assert answer is not None
    value: str = answer["contents"]["value"]
    return value


async def test_a_hover_has_the_calls_and_operators_of_a_value(join: Join, write: Write) -> None:
    file = write("model.py", NET)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    text = await text_at(editor, file, "y = torch.relu")
    assert "y: f32[8, batch]  cpu  3 calls, layers.0 … layers.2\n" in text
    assert "aten.linear, aten.relu, aten.transpose  (core: permute, addmm, relu)\n" in text
    text = await text_at(editor, file, "x = layer(x)")
    assert "x: f32[batch, 8]  cpu  3 calls\n" in text
    assert "aten.linear, aten.relu, aten.transpose" in text


async def test_a_hover_on_a_class_has_its_share_of_the_cost(join: Join, write: Write) -> None:
    file = write("model.py", NET)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    text = await text_at(editor, file, "Layer(torch.nn.Module)")
    assert "Layer  ×3 · 216 parameters (89 %), 864 B · 24.6 kFLOP at most (89 %)" in text


async def test_a_lens_has_the_cost_of_its_target(join: Join, write: Write) -> None:
    file = write("model.py", NET)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    [lens, *_] = await lenses(editor, file)
    assert lens["command"]["title"].endswith(f" · batch 0…64 · {COST}")
    assert "Work: 27.6 kFLOP at most: `432*batch`" in lens["command"]["tooltip"]


async def test_an_edited_expression_has_no_operators(join: Join, write: Write) -> None:
    file = write("model.py", NET)
    editor = await join()
    await editor.checked(lambda: editor.open(file))
    editor.change(file, "# Copyright\n" + NET.replace("self.fc(x)", "self.fc(2 * x)"))
    assert "aten.relu" in await text_at(editor, file, "x = layer(x)")
    answer = await hovered(editor, file, "y = torch.relu")
    assert answer is None
    assert "×3 · 216 parameters" in await text_at(editor, file, "Layer(torch.nn.Module)")


async def test_costs_of_a_remembered_result(start: Start, write: Write, folder: Path) -> None:
    file = write("model.py", NET)
    first = await start(folder)
    await first.checked(lambda: first.open(file))
    await first.stop()
    second = await start(folder)
    await second.checked(lambda: second.open(file))
    assert second.recalled == 1
    assert "×3 · 216 parameters" in await text_at(second, file, "Layer(torch.nn.Module)")
    [lens, *_] = await lenses(second, file)
    assert COST in lens["command"]["title"]
