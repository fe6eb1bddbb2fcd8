"""The graph of an exported program as text, in the user's names, beside the code it comes from.

The nodes stand in the order of the program, below the statement that made them and the module whose
code that is.  Sizes have no nodes of their own: they are written where they are used.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import torch
from torch._ops import HigherOrderOperator, OpOverload
from torch.export import ExportedProgram
from torch.fx import GraphModule, Node

from export_lsp.protocol import GraphLine
from export_lsp.worker.data.learned import Learned
from export_lsp.worker.graph import program_graph
from export_lsp.worker.insight.graph_origins import Origin, Origins
from export_lsp.worker.private import dtype_names, symbolic_shapes

SYMBOLIC = (torch.SymInt, torch.SymFloat, torch.SymBool)
INDENT = "    "
# A condition on sizes that a program checks when it runs.
ASSERTION = "aten::_assert_scalar"


def graph_lines(
    program: ExportedProgram, origins: Origins, learned: Learned
) -> tuple[GraphLine, ...]:
    """Return the text of a program.

    Args:
        program: The program, or what it decomposes into.
        origins: The places that its nodes come from.
        learned: The knowledge gained from its export.
    """
    return tuple(_Writer(program, origins, learned).lines())


class _Writer:
    def __init__(self, program: ExportedProgram, origins: Origins, learned: Learned) -> None:
        self._program = program
        self._origins = origins
        self._learned = learned
        signature = program.graph_signature
        self._names = {
            **signature.inputs_to_parameters,
            **signature.inputs_to_buffers,
            **signature.inputs_to_lifted_tensor_constants,
        }

    def lines(self) -> Iterator[GraphLine]:
        inputs = set(self._program.graph_signature.user_inputs)
        for node in self._program.graph.nodes:
            if node.op == "placeholder" and node.name in inputs:
                yield GraphLine(f"{node.name}: {self._type(node.meta.get('val'))}")
        yield from self._body(self._program.graph_module, "", Origin())

    def _body(self, module: GraphModule, indent: str, outer: Origin) -> Iterator[GraphLine]:
        """Yield the lines of a graph; those of graphs inside are indented."""
        last = outer
        for node in module.graph.nodes:
            text = self._text(node)
            if text is None:
                continue
            if node.op == "output":
                origin = last if indent else Origin()
            else:
                origin = self._origins.of(node)
            yield from self._headings(origin, last, indent)
            last = origin
            yield GraphLine(f"{indent}{text}", origin.location)
            for name, inner in self._inner(module, node):
                placeholders = [n.name for n in inner.graph.nodes if n.op == "placeholder"]
                yield GraphLine(
                    f"{indent}{INDENT}{name}({', '.join(placeholders)}):", origin.location
                )
                yield from self._body(inner, f"{indent}{INDENT * 2}", origin)

    def _headings(self, origin: Origin, last: Origin, indent: str) -> Iterator[GraphLine]:
        if (origin.module, origin.statement) == (last.module, last.statement):
            return
        yield GraphLine("")
        if origin.module != last.module:
            title = f"{origin.module}  {origin.class_name}" if origin.module else "the model itself"
            yield GraphLine(f"{indent}# == {title} ==")
        if origin.statement:
            yield GraphLine(f"{indent}# {origin.statement}", origin.location)

    def _inner(self, module: GraphModule, node: Node) -> Iterator[tuple[str, GraphModule]]:
        graphs = program_graph.inner_modules(module, node)
        names = [each for each in node.all_input_nodes if each.op == "get_attr"]
        yield from zip((str(each.target) for each in names), graphs, strict=False)

    # --- nodes ------------------------------------------------------------------------------

    def _text(self, node: Node) -> str | None:
        """Return the text of a node, None for one that is written elsewhere."""
        if node.op == "output":
            return f"return {', '.join(map(self._value, node.args[0]))}"
        if node.op != "call_function":
            return None
        arguments = [*map(self._value, node.args)]
        arguments += (f"{name}={self._value(value)}" for name, value in node.kwargs.items())
        if isinstance(node.target, OpOverload) and node.target.name().startswith(ASSERTION):
            return f"assert {arguments[0]}"
        result = node.meta.get("val")
        if isinstance(result, SYMBOLIC):
            return None
        call = f"{self._operator(node)}({', '.join(arguments)})"
        if node.target is operator.getitem:
            call = f"{arguments[0]}[{arguments[1]}]"
        return f"{node.name}: {self._type(result)} = {call}" if result is not None else call

    def _operator(self, node: Node) -> str:
        if isinstance(node.target, (OpOverload, HigherOrderOperator)):
            return node.target.name().replace("::", ".").removesuffix(".default")
        return getattr(node.target, "__name__", str(node.target))

    # --- values -----------------------------------------------------------------------------

    def _value(self, value: Any) -> str:
        """Return an argument of a node as text."""
        if isinstance(value, Node):
            return self._reference(value)
        if isinstance(value, (list, tuple)):
            return f"[{', '.join(map(self._value, value))}]"
        if isinstance(value, dict):
            return (
                f"{{{', '.join(f'{key!r}: {self._value(each)}' for key, each in value.items())}}}"
            )
        if isinstance(value, torch.dtype):
            return dtype_names.short(value)
        if isinstance(value, SYMBOLIC):
            return self._size(value)
        return repr(value) if isinstance(value, str) else str(value)

    def _reference(self, node: Node) -> str:
        result = node.meta.get("val")
        if isinstance(result, SYMBOLIC):
            return self._size(result)
        return self._names.get(node.name, str(node.target) if node.op == "get_attr" else node.name)

    def _type(self, value: Any) -> str:
        """Return the type of a result as text."""
        if isinstance(value, torch.Tensor):
            sizes = ", ".join(map(self._size, value.shape))
            return f"{dtype_names.short(value.dtype)}[{sizes}]"
        if isinstance(value, (list, tuple)):
            return f"({', '.join(map(self._type, value))})"
        return self._size(value) if isinstance(value, SYMBOLIC) else type(value).__name__

    def _size(self, size: Any) -> str:
        expression = symbolic_shapes.expression_of(size)
        return str(size) if expression is None else self._learned.size_text(expression)
