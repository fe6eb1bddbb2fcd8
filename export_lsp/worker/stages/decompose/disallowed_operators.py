"""Operators of a decomposed program that the setting `opset` does not allow."""

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
from export_lsp.worker.text.sentences import Words, sentence
from export_lsp.worker.text.torch_text import without_symbols

MakeFailure = Callable[[BaseException], Failure]

EDGE_MISSING = "opset `edge`: the interpreter has no executorch, so only core ATen was checked"


def findings(
    program: ExportedProgram,
    opset: Opset,
    make_failure: MakeFailure,
    fallback: Location | None,
    log: Callable[[str], None],
) -> Iterator[Finding]:
    """Yield a finding for every expression that became an operator outside of the opset.

    Args:
        program: The decomposed program.
        opset: The setting.  `default` allows every operator, `core-aten` those with torch's tag,
            `edge` those that ExecuTorch's ``to_edge`` accepts.
        make_failure: Turns an exception into a failure of this stage.
        fallback: The location of a finding whose operator is not known.
        log: Called with a line if the opset could not be checked in full.
    """
    if opset == "default":
        return
    outside = list(_outside_core(program, make_failure))
    yield from outside
    if opset != "edge" or outside:
        return
    try:
        if not edge.lower(program):
            log(EDGE_MISSING)
    except USER_ERRORS as error:
        yield from _refused_by_executorch(make_failure(error), program, fallback)


def _outside_core(program: ExportedProgram, make_failure: MakeFailure) -> Iterator[Finding]:
    seen = set()
    for node, operator in program_graph.operators(program):
        if _is_core(operator):
            continue
        name = _name(operator)
        failure = _at_node(make_failure(Exception(node.format_node())), node)
        if (name, failure.location) in seen:
            continue
        seen.add((name, failure.location))
        yield failure.finding(
            "decomposition-error",
            Words(
                f"`{name}` outside of core ATen",
                f"It leaves `{name}` in the program, which is not in the core ATen opset.",
                "Use operations that decompose, or add a decomposition for it.",
            ),
        )


def _is_core(operator: OpOverload) -> bool:
    """Return whether core ATen has an operator.  Assertions and sizes are part of every opset."""
    return (
        torch.Tag.core in operator.tags
        or not operator._schema.returns
        or operator.name().startswith("aten::sym_")
    )


def _name(operator: OpOverload) -> str:
    return operator.name().split(".")[0]


def _at_node(failure: Failure, node: Node) -> Failure:
    return replace(failure, stack=node_frames.stack_of_node(node, failure.workspace))


def _refused_by_executorch(
    failure: Failure, program: ExportedProgram, fallback: Location | None
) -> list[Finding]:
    """Return a finding for each expression whose operator is named in the refusal, or just one."""
    why = sentence(without_symbols(reason(failure.error)))
    words = Words("Refused by ExecuTorch", f"ExecuTorch's `to_edge` refuses the program: {why}")
    failures: dict[Location, Failure] = {}
    for node, operator in program_graph.operators(program):
        if _is_named(operator, failure.text):
            at_node = _at_node(failure, node)
            failures.setdefault(at_node.location, at_node)
    found = [each.finding("decomposition-error", words) for each in failures.values()]
    location = None if failure.stack else fallback
    return found or [failure.finding("decomposition-error", words, location=location)]


def _is_named(operator: OpOverload, text: str) -> bool:
    """Return whether a text names an operator, as "aten::relu" or "aten.relu.default"."""
    namespace, _, name = _name(operator).partition("::")
    return re.search(rf"\b{namespace}(?:::|\.){name}\b", text) is not None
