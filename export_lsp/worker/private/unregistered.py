"""Tensors that strict mode takes for parameters or buffers, and that the model does not register.

``_export._trace._replace_param_buffer_names`` gives the parameters and buffers of the lowered graph
the model's names for them, and raises a ``KeyError`` for one that the model has not.

Seen in torch 2.6 to 2.13: up to 2.9 the graph calls modules, whose tensors have a path in it.
Without the function, or its variables ``sig`` and ``param_buffer_table``, such
a failure is reported at the target.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any

import torch
from torch.fx import GraphModule, Node

RENAMES = "_replace_param_buffer_names"
GRAPH = "gm_torch_level"


def unregistered_tensors(tb: TracebackType | None) -> Iterator[tuple[torch.Tensor, Node]]:
    """Yield the tensors whose names were not found, with their first uses in the graph."""
    graph: Any = None
    while tb is not None:
        names = tb.tb_frame.f_locals
        graph = names.get(GRAPH, graph)
        if tb.tb_frame.f_code.co_name == RENAMES and isinstance(graph, GraphModule):
            yield from _named(graph, _missing(names))
        tb = tb.tb_next


def _missing(names: dict[str, Any]) -> set[str]:
    signature, table = names.get("sig"), names.get("param_buffer_table", {})
    specs = getattr(signature, "input_specs", ())
    # Those before the one that failed have the model's names already.
    return {spec.target for spec in specs if spec.target} - {*table, *table.values()}


def _named(graph: GraphModule, names: set[str]) -> Iterator[tuple[torch.Tensor, Node]]:
    for node in graph.graph.nodes:
        if node.op not in ("get_attr", "call_module"):
            continue
        for name in sorted(names):
            if f"{name}.".startswith(f"{node.target}."):
                tensor = _attribute(graph, name)
                use = node if node.op == "call_module" else next(iter(node.users), node)
                if isinstance(tensor, torch.Tensor):
                    yield tensor, use


def _attribute(graph: GraphModule, path: str) -> Any:
    value: Any = graph
    for name in path.split("."):
        value = getattr(value, name, None)
    return value
