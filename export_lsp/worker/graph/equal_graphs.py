"""Comparing two exported programs: they compute the same if their graphs are equal.

The graphs of the two modes of one model seldom are the same node by node: parameters come in
another order, and nodes that nothing uses are left out.  So each value is given a number by value
numbering: two values have the same number if the same operator computes them from the same values.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch._ops import HigherOrderOperator, OpOverload
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind
from torch.fx import GraphModule, Node
from torch.fx.node import map_arg

from export_lsp.worker.graph import program_graph

# The values of larger constants are compared by their sum.
MAX_LISTED = 10_000

# The number of an operand in the text of a node's arguments.
_OPERAND = "%{}"


def equal_graphs(one: ExportedProgram, other: ExportedProgram) -> bool:
    """Return whether the programs compute the same outputs and have the same effects.

    Two programs that do so in different ways are not equal.
    """
    numbers = _Numbers()
    return _number_of(one, numbers) == _number_of(other, numbers)


@dataclass
class _Numbers:
    """Numbers for values of several graphs: equal descriptions have the same number."""

    by_description: dict[Hashable, int] = field(default_factory=dict)

    def of(self, *description: Hashable) -> int:
        return self.by_description.setdefault(description, len(self.by_description))


def _number_of(program: ExportedProgram, numbers: _Numbers) -> int:
    given: dict[str, int] = {}
    for spec in program.graph_signature.input_specs:
        name = str(getattr(spec.arg, "name", ""))
        if spec.kind is InputKind.CONSTANT_TENSOR:
            given[name] = numbers.of(_values(program.constants[str(spec.target)]))
        else:
            given[name] = numbers.of(spec.kind, spec.target or name)
    outputs = tuple((each.kind, each.target) for each in program.graph_signature.output_specs)
    return numbers.of(outputs, _graph(program.graph_module, numbers, given))


def _values(constant: object) -> Hashable:
    """Describe a constant by its values, not by its name, which differs from mode to mode."""
    if not isinstance(constant, torch.Tensor):
        return str(type(constant))
    described = type(constant), constant.dtype, tuple(constant.shape)
    if program_graph.has_no_values(constant) or constant.layout is not torch.strided:
        return described
    if constant.numel() > MAX_LISTED:
        return described, repr(constant.detach().to(torch.complex128).sum().item())
    return described, repr(constant.tolist())


def _graph(module: GraphModule, numbers: _Numbers, given: Mapping[str, int]) -> int:
    """Return the number of a graph; its placeholders not in `given` are told apart by position."""
    known: dict[Node, int] = {}
    effects: list[int] = []
    changes = 0  # a value computed after a change is another one than before it
    outputs = ""
    for index, node in enumerate(module.graph.nodes):
        if node.op == "placeholder":
            known[node] = given.get(node.name, numbers.of("operand", index))
        elif node.op == "get_attr":
            known[node] = _attribute(module, node, numbers)
        elif node.op == "output":
            outputs = _arguments(node, known)
        else:
            called = node.target if callable(node.target) else (node.op, node.target)
            known[node] = numbers.of(called, _arguments(node, known), _shape(node), changes)
            changes += _changes_state(node)
            if node.is_impure():
                effects.append(known[node])
    return numbers.of(tuple(effects), outputs)


def _attribute(module: GraphModule, node: Node, numbers: _Numbers) -> int:
    value: Any = module
    for name in str(node.target).split("."):
        value = getattr(value, name, None)
    if isinstance(value, GraphModule):
        return _graph(value, numbers, {})
    return numbers.of(_values(value))


def _arguments(node: Node, known: Mapping[Node, int]) -> str:
    given = map_arg((node.args, dict(node.kwargs)), lambda each: _OPERAND.format(known[each]))
    return repr(given)


def _shape(node: Node) -> Hashable:
    """Return dtype and rank of a node's result: modes name the symbols in its sizes differently."""
    value = node.meta.get("val")
    return (value.dtype, value.dim()) if isinstance(value, torch.Tensor) else None


def _changes_state(node: Node) -> bool:
    """Return whether a node changes a tensor or the state of the random numbers."""
    target = node.target
    if isinstance(target, OpOverload):
        return target._schema.is_mutable or torch.Tag.nondeterministic_seeded in target.tags
    return isinstance(target, HigherOrderOperator)  # its graphs may
