"""Search the graphs of an exported program: its nodes, operators, and changes of its inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch._ops import OpOverload
from torch._subclasses.fake_tensor import FakeTensor
from torch.export import ExportedProgram
from torch.export.graph_signature import InputSpec
from torch.fx import GraphModule, Node

from export_lsp.worker.private import functorch

# Operators that replace the memory of their first argument.  The second is in torch 2.14.
REPLACING = ("aten::set_", "aten::shallow_copy_data_")


@dataclass(frozen=True)
class Mutation:
    """A node that changes an input of the program in place.

    `spec` says which input: one of the user's, a buffer or a constant.  `reshapes` is true if the
    node changes the tensor's shape, `replaces` if it exchanges its memory, instead of its values.
    """

    node: Node
    spec: InputSpec
    reshapes: bool
    replaces: bool


def nodes(program: ExportedProgram) -> Iterator[Node]:
    """Yield every node, those in the graphs of branches and loops included."""
    for module in program.graph_module.modules():
        if isinstance(module, GraphModule):
            yield from module.graph.nodes


def region_nodes(program: ExportedProgram) -> Iterator[Node]:
    """Yield the nodes in the graphs of branches and loops."""
    return (node for node in nodes(program) if node.graph is not program.graph)


def operators(program: ExportedProgram) -> Iterator[tuple[Node, OpOverload]]:
    """Yield every call of an operator, as a node and the operator."""
    for node in nodes(program):
        if node.op == "call_function" and isinstance(node.target, OpOverload):
            yield node, node.target


def calls(program: ExportedProgram, target: object) -> Iterator[Node]:
    """Yield every call of one function."""
    return (n for n in nodes(program) if n.op == "call_function" and n.target == target)


def mutations(program: ExportedProgram) -> Iterator[Mutation]:
    """Yield every change in place of one of the program's inputs, in the order of the graph."""
    specs = {spec.arg.name: spec for spec in program.graph_signature.input_specs}
    given = {
        node: specs[node.name]
        for node in program.graph.nodes
        if node.op == "placeholder" and node.name in specs
    }
    yield from _mutations(program.graph_module, given)


def _mutations(module: GraphModule, given: dict[Node, InputSpec]) -> Iterator[Mutation]:
    """Yield the mutations in one graph; `given` maps its placeholders to the program's inputs.

    Views of inputs are followed.
    """
    known = dict(given)
    for node in module.graph.nodes:
        if node.op != "call_function":
            continue
        if not isinstance(node.target, OpOverload):
            yield from _nested_mutations(module, node, known)
            continue
        for argument, value in zip(node.target._schema.arguments, node.args, strict=False):
            if not isinstance(value, Node) or value not in known or argument.alias_info is None:
                continue
            if argument.alias_info.is_write:
                yield Mutation(
                    node,
                    known[value],
                    reshapes=torch.Tag.inplace_view in node.target.tags,
                    replaces=node.target.name().startswith(REPLACING),
                )
            known[node] = known[value]


def _nested_mutations(
    module: GraphModule, node: Node, known: dict[Node, InputSpec]
) -> Iterator[Mutation]:
    """Yield the mutations in a region with a graph of its own, such as ``torch.no_grad()``.

    In the arguments of its node the operands follow the graph.
    """
    for index, argument in enumerate(node.args):
        inner = _graph_of(module, argument)
        if inner is not None:
            placeholders = [n for n in inner.graph.nodes if n.op == "placeholder"]
            operands = zip(placeholders, node.args[index + 1 :], strict=False)
            given = {p: known[o] for p, o in operands if isinstance(o, Node) and o in known}
            yield from _mutations(inner, given)
            return


def _graph_of(module: GraphModule, argument: object) -> GraphModule | None:
    if isinstance(argument, Node) and argument.op == "get_attr":
        found = getattr(module, str(argument.target), None)
        return found if isinstance(found, GraphModule) else None
    return None


def node_named(program: ExportedProgram, name: str) -> Node | None:
    """Return the node of that name in any of the program's graphs; None if there is none."""
    return next((node for node in nodes(program) if node.name == name), None)


def inner_nodes(program: ExportedProgram, node: Node) -> list[Node]:
    """Return the nodes of the graphs that a node takes as arguments, such as branches."""
    owner = node.graph.owning_module or program.graph_module
    return [found for module in inner_modules(owner, node) for found in module.graph.nodes]


def inner_modules(module: GraphModule, node: Node) -> list[GraphModule]:
    """Return the graphs that a node of a module takes as arguments."""
    inner = (_graph_of(module, argument) for argument in node.all_input_nodes)
    return [each for each in inner if each is not None]


def lacks_data(program: ExportedProgram) -> bool:
    """Return whether a constant of the program is left over from tracing and has no values."""
    return any(map(has_no_values, program.constants.values()))


def lost_constants(program: ExportedProgram) -> set[str]:
    """Return the names of the placeholders of constants that have no values."""
    lifted = program.graph_signature.inputs_to_lifted_tensor_constants
    return {name for name, target in lifted.items() if has_no_values(program.constants[target])}


def has_no_values(constant: object) -> bool:
    """Return whether a constant is a tensor that is left over from tracing."""
    if not isinstance(constant, torch.Tensor):
        return False
    return isinstance(constant, FakeTensor) or functorch.is_wrapper(constant)
