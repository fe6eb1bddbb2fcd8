"""All nodes that a verifier of torch rejects are found, in graphs with invalid nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.export._trace as trace
from torch.export import ExportedProgram

from export_lsp.worker.private import verifiers


class Net(torch.nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.fc = torch.nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cond(x.sum() > 0, torch.sin, torch.cos, (self.fc(x).relu(),))


@pytest.fixture
def program() -> ExportedProgram:
    return torch.export.export(Net(), (torch.randn(2, 3),))


def rejected_nodes(check: Callable[[], object]) -> list[str]:
    """Return the names of the nodes that a verifier rejects."""
    with pytest.raises(Exception) as raised:  # noqa: PT011 - SpecViolationError is private
        check()
    assert type(raised.value).__name__ == "SpecViolationError"
    return [node.name for node, _ in verifiers.violations(raised.value)]


def nodes(program: ExportedProgram, *names: str) -> list[Any]:
    found = [node for node in program.graph.nodes if node.name in names]
    assert len(found) == len(names)
    return found


def test_module_stacks(program: ExportedProgram) -> None:
    for node in nodes(program, "linear", "relu"):
        del node.meta["nn_module_stack"]
    check = trace._verify_nn_module_stack
    assert rejected_nodes(lambda: check(program.graph_module)) == ["linear", "relu"]


def test_stack_traces(program: ExportedProgram) -> None:
    for node in nodes(program, "linear", "relu"):
        node.meta["stack_trace"] = 3
    check = trace._verify_stack_trace
    assert rejected_nodes(lambda: check(program.graph_module)) == ["linear", "relu"]


def test_placeholder_names(program: ExportedProgram) -> None:
    signature = program.graph_signature
    renamed = {"p_fc_weight": "weight", "p_fc_bias": "bias"}
    for node in nodes(program, *renamed):
        node.name = renamed[node.name]
    for spec in signature.input_specs:
        spec.arg.name = renamed.get(spec.arg.name, spec.arg.name)
    check = trace._verify_placeholder_names
    assert rejected_nodes(lambda: check(program.graph_module, signature)) == ["weight", "bias"]


@pytest.mark.parametrize("dialect", ["TRAINING", "ATEN"])
def test_dialects(program: ExportedProgram, dialect: str) -> None:
    from torch._export.verifier import load_verifier

    linear, relu = nodes(program, "linear", "relu")
    del linear.meta["val"]
    relu.target = torch.relu
    check = load_verifier(dialect)()._check_graph_module
    assert rejected_nodes(lambda: check(program.graph_module)) == ["linear", "relu"]


def test_an_in_place_operator_is_rejected_in_aten(program: ExportedProgram) -> None:
    from torch._export.verifier import load_verifier

    (relu,) = nodes(program, "relu")
    relu.target = torch.ops.aten.relu_.default
    check = load_verifier("ATEN")()._check_graph_module
    assert rejected_nodes(lambda: check(program.graph_module)) == ["relu"]
