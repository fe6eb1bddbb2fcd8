"""``export-lsp show``: shapes and sizes in a terminal and as JSON."""

from __future__ import annotations

from tests.cli.command import Command

SHAPES = """\
import torch
from torch.export import Dim


class Windows(torch.nn.Module):
    def forward(self, x):
        b, t, c = x.shape
        windows = x.reshape(b, t // 8, 8 * c)
        return windows * 2


model = Windows()
example_args = (torch.ones(2, 16, 3),)
dynamic_shapes = {"x": {0: Dim("batch"), 1: 8 * Dim("groups", max=40)}}
"""
LAYERS = """\
import torch
from torch.export import Dim


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(8, 8)

    def forward(self, x):
        return torch.relu(self.fc(x))


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList([Layer(), Layer()])
        self.head = torch.nn.Linear(8, 2, bias=False)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


model = Net
example_args = (torch.ones(2, 8),)
dynamic_shapes = {"x": {0: Dim("batch", max=64)}}
"""
RESHAPE = "x.reshape(b, t // 8, 8 * c)"


def test_a_target_with_its_dims_and_shapes(command: Command) -> None:
    file = command.write("model.py", SHAPES)
    shown = command("show", "--python", command.python, file)
    assert shown.code == 0, shown.stderr
    assert shown.stdout == (
        "model.py::model  exports (non-strict, strict)\n"
        "  batch   1…  model.py:8\n"
        "  groups  2…40  model.py:8\n"
        "\n"
        "Windows.forward  model.py\n"
        "     6  x        f32[batch, 8*groups, 3]\n"
        "     8  windows  f32[batch, groups, 24]\n"
    )


def test_one_line_has_its_expressions(command: Command) -> None:
    command.write("model.py", SHAPES)
    shown = command("show", "--python", command.python, "model.py:9")
    assert "     9  windows      f32[batch, groups, 24]\n" in shown.stdout
    assert "     9  windows * 2  f32[batch, groups, 24]  aten.mul\n" in shown.stdout
    assert "     8 " not in shown.stdout


def test_json(command: Command) -> None:
    file = command.write("model.py", SHAPES)
    shown = command("show", "--python", command.python, "--output-format", "json", file)
    [target] = shown.json()["targets"]
    assert (target["name"], target["filename"]) == ("model", str(file))
    assert target["exports"] == {"non-strict": True, "strict": True}
    assert [(dim["name"], dim["min"], dim["max"], dim["multiple"]) for dim in target["dims"]] == [
        ("batch", 1, None, 1),
        ("groups", 2, 40, 1),
    ]
    [because] = target["dims"][1]["because"]
    assert because["expression"] == RESHAPE
    assert because["location"] == {"row": 8, "column": 19}
    values = {value["name"]: value for value in target["values"]}
    assert values["windows"]["text"] == "f32[batch, groups, 24]"
    assert values["windows"]["calls"] == 1
    assert values[RESHAPE]["text"] == "f32[batch, groups, 24]"


def test_the_cost_of_a_model_and_its_modules(command: Command) -> None:
    file = command.write("model.py", LAYERS)
    shown = command("show", "--python", command.python, file)
    assert "  160 parameters · 18.4 kFLOP at most\n" in shown.stdout
    assert "  FLOPs  288*batch\n" in shown.stdout
    assert "Net    160 parameters, 640 B · 18.4 kFLOP at most  model.py:14\n" in shown.stdout
    assert (
        "Layer  ×2 · 144 parameters (90 %), 576 B · 16.4 kFLOP at most (89 %)  model.py:5\n"
        in shown.stdout
    )
    document = command("show", "--python", command.python, "--output-format", "json", file)
    [target] = document.json()["targets"]
    modules = {each["path"]: each for each in target["modules"]}
    assert modules["layers.1"] == {
        "path": "layers.1",
        "class": "Layer",
        "parameters": 72,
        "bytes": 288,
        "flops": {"formula": "128*batch", "example": 256, "most": 8192, "complete": True},
    }
    operators = {each["expression"]: each for each in target["operators"]}
    assert operators["self.fc(x)"]["operators"] == ["aten.linear"]
    assert "aten.addmm" in operators["self.fc(x)"]["core"]


def test_a_target_that_does_not_export_is_shown_all_the_same(command: Command) -> None:
    text = SHAPES.replace("return windows * 2", "return windows * 2 if x.sum() > 0 else windows")
    command.write("model.py", text)
    shown = command("show", "--python", command.python, "model.py")
    assert shown.code == 0
    assert "model.py::model  does not export" in shown.stdout
    assert "windows  f32[" in shown.stdout


def test_a_file_that_cannot_be_shown(command: Command) -> None:
    command.write("plain.py", "import torch\n")
    shown = command("show", "--python", command.python, "plain.py")
    assert (shown.code, shown.stdout) == (2, "")
    assert "plain.py has no target that could be built" in shown.stderr
    missing = command("show", "missing.py:3")
    assert missing.code == 2
    assert "missing.py" in missing.stderr


def test_the_widest_dynamic_shapes(command: Command) -> None:
    text = SHAPES.partition("dynamic_shapes")[0]
    file = command.write("model.py", text)
    shown = command("show", "--python", command.python, "--suggest-dynamic-shapes", file)
    assert shown.code == 0, shown.stderr
    assert shown.stdout == (
        "model.py::model\n"
        '  dynamic_shapes={"x": {0: Dim("batch"), 1: 8 * Dim("_x_dim1"), 2: Dim("x_dim2")}}\n'
        "  exports (non-strict, strict)\n"
    )


def test_the_widest_dynamic_shapes_of_a_file_without_a_target(command: Command) -> None:
    file = command.write("model.py", "import torch\n")
    shown = command("show", "--python", command.python, "--suggest-dynamic-shapes", file)
    assert (shown.code, shown.stdout) == (2, "")
    assert "model.py" in shown.stderr
