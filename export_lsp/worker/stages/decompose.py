"""`decompose`: the program in terms of a smaller set of operators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
from torch.export import ExportedProgram
from torch.fx import Node

from export_lsp.protocol import Finding, Related
from export_lsp.worker import graph, locate
from export_lsp.worker.declaration import Declaration
from export_lsp.worker.exported import Exported
from export_lsp.worker.failure import USER_ERRORS, Failure, memory_finding, reason
from export_lsp.worker.names import Symbols
from export_lsp.worker.private import decomposition, edge, errors
from export_lsp.worker.returned import returned
from export_lsp.worker.stages import mutated, verify
from export_lsp.worker.stages.capture.sentences import shortened
from export_lsp.worker.torch_text import without_symbols

Log = Callable[[str], None]

# torch's name of an operator in a message: "aten::foo.bar", "aten.foo.bar".
OPERATOR = re.compile(r"\b(\w+)(?:::|\.)(\w+)(?:\.(\w+))?")

EDGE_MISSING = "opset `edge` is left out: the interpreter has no executorch"


def check(exported: Exported, declaration: Declaration, opset: str, log: Log) -> Iterator[Finding]:
    """Decompose by torch's default table, and see whether the result fits the opset."""
    try:
        with decomposition.quickly():
            decomposed = exported.program.run_decompositions()
    except USER_ERRORS as error:
        yield from explain(_failure(error, exported, declaration), declaration, exported.program)
        return
    if opset == "default":
        return
    outside = list(_outside(decomposed, exported, declaration, opset))
    yield from outside
    if opset != "edge" or outside:
        return
    try:
        if not edge.lower(decomposed):
            log(EDGE_MISSING)
    except USER_ERRORS as error:
        yield from _refused(_failure(error, exported, declaration), declaration, decomposed)


def _failure(error: BaseException, exported: Exported, declaration: Declaration) -> Failure:
    workspace = declaration.workspace
    frames = locate.node_frames(error, workspace)
    return Failure(
        error,
        "decompose",
        exported.mode,
        declaration.target,
        workspace,
        Symbols(workspace),
        frames,
    )


def explain(failure: Failure, declaration: Declaration, program: ExportedProgram) -> list[Finding]:
    """The findings of a failed decomposition: all changes in place that do not decompose, or the
    node that it stopped at."""
    memory = memory_finding(failure)
    if memory is not None:
        return [memory]
    if errors.wants_cuda(failure.text):
        return []
    violations = verify.explain(failure)
    if violations:
        return violations
    changes = mutated.explain(failure, declaration, program)
    if changes:
        return changes
    return [_stopped(failure, declaration)]


def _stopped(failure: Failure, declaration: Declaration) -> Finding:
    links = list(locate.chain(failure.error))
    if errors.find(links, errors.DATA_DEPENDENT_GUARD):
        return failure.finding(
            "decomposition-error",
            f"`{shortened(failure.expression)}` is exported, but decomposing it has to know a size"
            " that comes out of the data; state what always holds of that size before it"
            " (`torch._check(…)`)",
        )
    why = without_symbols(reason(failure.error))
    if failure.frames:
        return failure.finding(
            "decomposition-error",
            f"`{shortened(failure.expression)}` is exported, but cannot be decomposed into core"
            f" operators: {why}",
        )
    return failure.finding(
        "decomposition-error",
        f"The exported program cannot be decomposed into core operators: {why}",
        location=returned(failure.workspace, declaration.built),
    )


def _outside(
    decomposed: ExportedProgram, exported: Exported, declaration: Declaration, opset: str
) -> Iterator[Finding]:
    """A finding for every operator that is left and no core one, once an expression."""
    seen = set()
    for node, operator in graph.operators(decomposed):
        if not _is_left_over(operator):
            continue
        name = operator.name().split(".")[0]
        finding = _at_node(
            node,
            exported,
            declaration,
            lambda failure, name=name: (  # type: ignore[misc]
                f"`{shortened(failure.expression)}` leaves `{name}` in the program, which is not"
                f" in the core ATen opset{' that the edge dialect is made of' * (opset == 'edge')};"
                " use operations that decompose, or add a decomposition for it"
            ),
        )
        if (name, finding.location) not in seen:
            seen.add((name, finding.location))
            yield finding


def _is_left_over(operator: torch._ops.OpOverload) -> bool:
    """Assertions and sizes are part of every dialect."""
    name = operator.name()
    if not operator._schema.returns or name.startswith("aten::sym_"):
        return False
    return torch.Tag.core not in operator.tags


def _at_node(
    node: Node, exported: Exported, declaration: Declaration, words: Callable[[Failure], str]
) -> Finding:
    frames = locate.frames_of_node(node, declaration.workspace)
    error = Exception(f"{node.format_node()}")
    failure = replace(_failure(error, exported, declaration), frames=frames)
    finding = failure.finding("decomposition-error", words(failure))
    return replace(finding, detail=str(error))


def _refused(
    failure: Failure, declaration: Declaration, decomposed: ExportedProgram
) -> list[Finding]:
    """ExecuTorch refuses a program whose operators are all core ones: at those that it names."""
    why = without_symbols(reason(failure.error))
    message = f"ExecuTorch's `to_edge` refuses the program: {why}"
    wanted = {f"{match[1]}::{match[2]}" for match in OPERATOR.finditer(failure.text)}
    places: dict[object, tuple[Failure, tuple[Related, ...]]] = {}
    for node, operator in graph.operators(decomposed):
        if operator.name().split(".")[0] in wanted:
            frames = locate.frames_of_node(node, failure.workspace)
            blamed = replace(failure, frames=frames)
            places.setdefault(blamed.location, (blamed, ()))
    found = [blamed.finding("decomposition-error", message) for blamed, _ in places.values()]
    return found or [
        failure.finding(
            "decomposition-error",
            message,
            location=None if failure.frames else returned(failure.workspace, declaration.built),
        )
    ]
