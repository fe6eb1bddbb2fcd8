"""Whether a decomposed program consists of the operators that the setting `opset` allows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
from torch._ops import OpOverload
from torch.export import ExportedProgram
from torch.fx import Node

from export_lsp.protocol import Finding, Location, Opset
from export_lsp.worker.graph import program_graph
from export_lsp.worker.places import node_frames
from export_lsp.worker.places.failure import Failure, reason
from export_lsp.worker.private import edge
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.text.sentences import shortened
from export_lsp.worker.text.torch_text import without_symbols

Fail = Callable[[BaseException], Failure]
Log = Callable[[str], None]

EDGE_MISSING = "opset `edge`: the interpreter has no executorch, so only core ATen was checked"


def check(
    program: ExportedProgram, opset: Opset, fail: Fail, place: Location | None, log: Log
) -> Iterator[Finding]:
    """`place` is blamed where nothing better is known."""
    if opset == "default":
        return
    outside = list(_outside(program, fail))
    yield from outside
    if opset != "edge" or outside:
        return
    try:
        if not edge.lower(program):
            log(EDGE_MISSING)
    except USER_ERRORS as error:
        yield from _refused(fail(error), program, place)


def _outside(program: ExportedProgram, fail: Fail) -> Iterator[Finding]:
    """A finding for every operator that is left and no core one, once an expression."""
    seen = set()
    for node, operator in program_graph.operators(program):
        if _is_core(operator):
            continue
        name = _name(operator)
        failure = _at(node, fail(Exception(node.format_node())))
        if (name, failure.location) in seen:
            continue
        seen.add((name, failure.location))
        yield failure.finding(
            "decomposition-error",
            f"`{shortened(failure.expression)}` leaves `{name}` in the program, which is not in the"
            " core ATen opset; use operations that decompose, or add a decomposition for it",
        )


def _is_core(operator: OpOverload) -> bool:
    """Assertions and sizes are part of every opset."""
    return (
        torch.Tag.core in operator.tags
        or not operator._schema.returns
        or operator.name().startswith("aten::sym_")
    )


def _name(operator: OpOverload) -> str:
    return operator.name().split(".")[0]


def _at(node: Node, failure: Failure) -> Failure:
    return replace(failure, frames=node_frames.frames_of_node(node, failure.workspace))


def _refused(failure: Failure, program: ExportedProgram, place: Location | None) -> list[Finding]:
    """ExecuTorch refuses a program of core operators: at those that it names."""
    why = without_symbols(reason(failure.error))
    message = f"ExecuTorch's `to_edge` refuses the program: {why}"
    places: dict[Location, Failure] = {}
    for node, operator in program_graph.operators(program):
        if _named(operator, failure.text):
            blamed = _at(node, failure)
            places.setdefault(blamed.location, blamed)
    found = [blamed.finding("decomposition-error", message) for blamed in places.values()]
    place = None if failure.frames else place
    return found or [failure.finding("decomposition-error", message, location=place)]


def _named(operator: OpOverload, text: str) -> bool:
    """Whether a text names an operator, "aten::relu" or "aten.relu.default"."""
    namespace, _, name = _name(operator).partition("::")
    return re.search(rf"\b{namespace}(?:::|\.){name}\b", text) is not None
