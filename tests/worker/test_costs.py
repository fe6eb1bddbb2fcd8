"""Operators and costs that checks report, compared with torch's own graphs and counts."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.export import Dim

from export_lsp.protocol import (
    ClassCost,
    Cost,
    Costs,
    Flops,
    ModuleCost,
    Operators,
    Outcome,
    TargetEnded,
)
from tests.checking import Checked, Worker
from tests.insight.eager_flops import compare_flops

MODELS = """\
import torch
from torch.export import Dim
from torch.nn.functional import scaled_dot_product_attention


class Attention(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = torch.nn.Linear(16, 48)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        return x + scaled_dot_product_attention(q, k, v)


class Stack(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList([Attention(), Attention()])
        self.again = self.layers[0]
        self.register_buffer("scale", torch.ones(3, dtype=torch.float64))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        with torch.no_grad():
            x = self.again(x)
        return x


class Windows(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv1d(4, 8, 3, stride=2)
        self.fc = torch.nn.Linear(8, 2)

    def forward(self, x):
        wide = torch.nn.functional.gelu(self.conv(x))
        return self.fc(wide.mean(dim=-1))


class Spectrum(torch.nn.Module):
    def forward(self, x):
        return torch.fft.fft(x @ x.T).real + torch.linalg.inv(x + torch.eye(4))


class Branch(torch.nn.Module):
    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda x: x @ x @ x, lambda x: x @ x, (x,))


export_targets = {
    "stack": {
        "model": Stack,
        "args": (torch.ones(2, 5, 16),),
        "dynamic_shapes": {"x": {0: Dim("batch", max=8), 1: Dim("seq", min=2)}},
    },
    "windows": {
        "model": Windows,
        "args": (torch.ones(2, 4, 33),),
        "dynamic_shapes": {"x": {0: Dim("batch", max=8), 2: Dim("time", min=9, max=99)}},
    },
    "spectrum": {"model": Spectrum, "args": (torch.ones(4, 4),)},
    "branch": {"model": Branch, "args": (torch.ones(4, 4),)},
}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("costs") / "model.py"
    file.write_text(MODELS)
    return file


@pytest.fixture(scope="module")
def checked(worker: Worker, file: Path) -> Checked:
    return worker.check(file, modes=("non-strict",), stages=("capture", "guards", "decompose"))


def outcome_of(checked: Checked, target: str) -> Outcome:
    ended = (each.outcome for each in checked.events if isinstance(each, TargetEnded))
    return next(each for each in ended if each.target == target)


def flops_of(cost: Cost | None) -> Flops:
    assert cost is not None
    assert cost.flops is not None
    return cost.flops


def costs_of(checked: Checked, target: str) -> Costs:
    found = (each for each in checked.events if isinstance(each, Costs))
    return next(each for each in found if each.target == target)


def operators_of(found: Costs, expression: str) -> Operators:
    """Return the operators of the first expression with a text."""
    lines = MODELS.splitlines()

    def text(each: Operators) -> str:
        place = each.location
        return lines[place.start.line][place.start.character : place.end.character]

    return next(each for each in found.operators if text(each) == expression)


def modules_of(found: Costs) -> dict[str, ModuleCost]:
    return {each.path: each for each in found.modules}


def classes_of(found: Costs) -> dict[str, ClassCost]:
    return {each.name: each for each in found.classes}


@pytest.mark.parametrize("target", ["stack", "windows", "spectrum", "branch"])
def test_operations_are_those_of_eager_mode(checked: Checked, file: Path, target: str) -> None:
    outcome = outcome_of(checked, target)
    compared = compare_flops(file, target, flops_of(outcome.cost), outcome.dims)
    assert compared.wrong == []
    assert compared.runs >= (2 if outcome.dims else 1)


def test_operations_in_terms_of_dims(checked: Checked) -> None:
    cost = outcome_of(checked, "windows").cost
    assert cost is not None
    assert cost.parameters == 4 * 8 * 3 + 8 + 8 * 2 + 2
    assert flops_of(cost).formula == "224*batch + 192*batch*(((-3) + time) // 2)"
    assert flops_of(cost).most == 8 * (192 * 48 + 224)


def test_without_a_largest_size_there_is_no_most(checked: Checked) -> None:
    assert flops_of(outcome_of(checked, "stack").cost).most is None


def test_an_operator_without_a_formula_leaves_a_lower_bound(checked: Checked) -> None:
    flops = flops_of(outcome_of(checked, "spectrum").cost)
    assert (flops.complete, flops.example) == (False, 2 * 4 * 4 * 4)
    others = [outcome_of(checked, each).cost for each in ("stack", "windows", "branch")]
    assert all(flops_of(each).complete for each in others)


def test_what_modules_share_counts_once(checked: Checked) -> None:
    found = costs_of(checked, "stack")
    classes, modules = classes_of(found), modules_of(found)
    one = 16 * 48 + 48
    assert classes["Attention"].modules == 2
    assert classes["Attention"].cost.parameters == 2 * one
    assert classes["Attention"].parameter_share == classes["Attention"].flop_share == 1
    assert classes["Stack"].cost.bytes == 4 * 2 * one + 3 * 8
    assert modules["layers.1"].cost.parameters == one
    # The first layer is called again, in a region without gradients.
    second = flops_of(modules["layers.1"].cost).example
    assert second is not None
    assert flops_of(modules["layers.0"].cost).example == 2 * second
    assert modules["layers"].cost.flops == modules[""].cost.flops


def test_the_name_of_a_class_is_its_place(checked: Checked) -> None:
    place = classes_of(costs_of(checked, "stack"))["Attention"].location
    line = MODELS.splitlines()[place.start.line]
    assert line[place.start.character : place.end.character] == "Attention"
    assert line.startswith("class ")


def test_operators_are_those_of_the_graph(checked: Checked) -> None:
    found = costs_of(checked, "windows")
    model = torch.nn.Sequential(torch.nn.Conv1d(4, 8, 3, stride=2), torch.nn.GELU())
    program = torch.export.export(
        model, (torch.ones(2, 4, 33),), dynamic_shapes=({2: Dim("time", min=9)},), strict=False
    )
    names = [str(node.target) for node in program.graph.nodes if node.op == "call_function"]
    assert [each for each in names if "sym" not in each] == [
        "aten.conv1d.default",
        "aten.gelu.default",
    ]
    assert operators_of(found, "self.conv(x)").operators == ("aten.conv1d",)
    assert operators_of(found, "self.conv(x)").core == ("aten.convolution",)
    assert operators_of(found, "self.fc(wide.mean(dim=-1))").core == ("aten.permute", "aten.addmm")


def test_operators_outside_of_core_aten(checked: Checked) -> None:
    found = operators_of(costs_of(checked, "spectrum"), "torch.linalg.inv(x + torch.eye(4))")
    assert found.operators == ("aten.linalg_inv",)
    assert found.other == ("aten.linalg_inv_ex",)


def test_a_call_of_a_module_has_the_operators_inside(checked: Checked) -> None:
    found = operators_of(costs_of(checked, "stack"), "layer(x)")
    assert found.operators[:2] == ("aten.linear", "aten.chunk")
    assert "aten.scaled_dot_product_attention" in found.operators
    assert "aten.bmm" in found.core


def test_a_trial_reports_no_costs(worker: Worker, file: Path) -> None:
    checked = worker.check(file, texts={str(file): MODELS}, only=("branch",))
    assert [each for each in checked.events if isinstance(each, Costs)] == []
