"""``export-lsp show --graph``: programs as text, beside the code they come from."""

from __future__ import annotations

from tests.cli.command import Command

MODEL = """\
import torch
from torch.export import Dim


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(8, 8)

    def forward(self, x):
        rows, width = x.shape
        return torch.relu(self.fc(x)).view(rows, 2, width // 2)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = Layer()

    def forward(self, x, mask):
        y = self.layer(x)
        n = mask.sum().item()
        torch._check(n >= 2)
        with torch.no_grad():
            y = y.exp()
        return torch.cond(x.sum() > 0, lambda y: y + 1, lambda y: y - 1, (y,)), torch.ones(n)


model = Net
example_args = (torch.ones(2, 8), torch.ones(4, dtype=torch.bool))
dynamic_shapes = {"x": {0: Dim("batch", max=64)}, "mask": None}
"""
EXPORT = """\
# model.py::model: the exported program
# batch 0…64 · 72 parameters · 8.19 kFLOP at most

x: f32[batch, 8]
mask: b8[4]

# == layer  Layer ==
# model.py:12  return torch.relu(self.fc(x)).view(rows, 2, width // 2)
linear: f32[batch, 8] = aten.linear(x, layer.fc.weight, layer.fc.bias)
relu: f32[batch, 8] = aten.relu(linear)
view: f32[batch, 2, 4] = aten.view(relu, [batch, 2, 4])

# == the model itself ==
# model.py:22  n = mask.sum().item()
sum_1: i64[] = aten.sum(mask)
"""


def test_the_exported_program(command: Command) -> None:
    command.write("model.py", MODEL)
    shown = command("show", "--python", command.python, "--graph", "export", "model.py")
    assert shown.code == 0, shown.stderr
    assert shown.stdout.startswith(EXPORT)
    assert "assert n >= 2\n" in shown.stdout
    assert "# model.py:25  y = y.exp()\n" in shown.stdout
    assert "aten.exp(view)" in shown.stdout
    assert "    true_graph_0(" in shown.stdout
    assert "f32[n] = aten.ones([n]" in shown.stdout
    assert shown.stdout.splitlines()[-1].startswith("return ")


def test_the_decomposed_program(command: Command) -> None:
    command.write("model.py", MODEL)
    shown = command("show", "--python", command.python, "--graph", "core", "model.py")
    assert shown.code == 0, shown.stderr
    assert "# model.py::model: the exported program in terms of core ATen\n" in shown.stdout
    assert "= aten.addmm(layer.fc.bias, x, permute)\n" in shown.stdout
    assert "aten.linear" not in shown.stdout
    # In a region, too, each operator stands below the statement that it comes from.
    assert "# model.py:25  y = y.exp()\nexp: f32[batch, 2, 4] = aten.exp(view)\n" in shown.stdout


def test_json_has_the_places(command: Command) -> None:
    file = command.write("model.py", MODEL)
    options = ("--python", command.python, "--graph", "export", "--output-format", "json")
    [target] = command("show", *options, file).json()["targets"]
    [line] = [each for each in target["graph"] if each["text"].startswith("linear: ")]
    assert (line["filename"], line["location"]) == (str(file), {"row": 12, "column": 27})
    assert line["end_location"] == {"row": 12, "column": 37}


def test_a_target_that_does_not_export_has_no_graph(command: Command) -> None:
    command.write("model.py", MODEL.replace("y = y.exp()", "y = y if y.sum() > 0 else -y"))
    shown = command("show", "--python", command.python, "--graph", "export", "model.py")
    assert (shown.code, shown.stdout) == (2, "")
    assert "model.py has no target that exports" in shown.stderr
