"""Tensors that the graph of strict mode has and the model does not register, in each version."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from torch.fx import Graph, GraphModule

from export_lsp.worker.private.unregistered import unregistered_tensors


def _replace_param_buffer_names(param_buffer_table: dict[str, str], sig: Any) -> None:
    """Fail as torch's function of this name does."""
    for spec in sig.input_specs:
        spec.target = param_buffer_table[spec.target]


def export(gm_torch_level: GraphModule, name: str) -> None:
    signature = SimpleNamespace(input_specs=[SimpleNamespace(target=name)])
    _replace_param_buffer_names({}, signature)


def graph_module(operation: str, target: str, value: Any) -> GraphModule:
    graph = Graph()
    x = graph.placeholder("x")
    if operation == "call_module":
        graph.output(graph.call_module(target, (x,)))
    else:
        graph.output(graph.call_function(torch.mul, (x, graph.get_attr(target))))
    return GraphModule({target: value}, graph)


@pytest.mark.parametrize(
    ("operation", "name", "use"),
    [("get_attr", "layer", "mul"), ("call_module", "layer.0.weight", "layer")],
)
def test_a_tensor_and_its_first_use(operation: str, name: str, use: str) -> None:
    layers = nn.Sequential(nn.Linear(2, 2))
    value: Any = nn.Parameter(torch.ones(2)) if operation == "get_attr" else layers
    module = graph_module(operation, "layer", value)
    with pytest.raises(KeyError) as raised:
        export(module, name)
    [(tensor, node)] = unregistered_tensors(raised.value.__traceback__)
    assert tensor is (value if operation == "get_attr" else layers[0].weight)
    assert node.name == use
