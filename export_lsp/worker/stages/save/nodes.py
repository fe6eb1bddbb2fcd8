"""Nodes of a program that ``torch.export.save`` cannot write, or ``load`` cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch.export import ExportedProgram
from torch.fx import Node

from export_lsp.protocol import Finding
from export_lsp.worker.graph import program_graph
from export_lsp.worker.places import node_frames
from export_lsp.worker.places.failure import Failure, reason
from export_lsp.worker.text.sentences import Words, sentence
from export_lsp.worker.text.torch_text import without_symbols

# How torch names the node that it failed to write, and the one that it refuses to load.
NOT_WRITTEN = re.compile(r"Failed serializing node (\w+) in graph")
NOT_LOADED = re.compile(r"Node\.meta (\w+) is missing val field")


def explain(failure: Failure, program: ExportedProgram) -> Iterator[Finding]:
    """Yield a finding for the node that the failure names, and for the calls that fail like it."""
    match = NOT_WRITTEN.search(failure.text) or NOT_LOADED.search(failure.text)
    failed = program_graph.node_named(program, match[1]) if match else None
    if failed is None:
        return
    locations = set()
    for node in program_graph.calls(program, failed.target):
        stack = node_frames.stack_of_node(node, failure.workspace)
        for inner in program_graph.inner_nodes(program, node):
            stack = stack or node_frames.stack_of_node(inner, failure.workspace)
        at_node = replace(failure, stack=stack)
        if at_node.location not in locations and (node is failed or _fails_alike(node, failed)):
            locations.add(at_node.location)
            yield at_node.finding("serialization-error", _words(at_node, failed))


def _fails_alike(node: Node, failed: Node) -> bool:
    """Return whether a call of the same function fails for the same reason.

    For an operator, the reason may be in its constant arguments.
    """
    if isinstance(failed.target, torch._ops.OpOverload):
        constants = [[a for a in n.args if not isinstance(a, Node)] for n in (node, failed)]
        return constants[0] == constants[1] and node.kwargs == failed.kwargs
    return bool(node.users) == bool(failed.users)


def _words(failure: Failure, node: Node) -> Words:
    name = getattr(node.target, "__name__", str(node.target)).removesuffix(".default")
    if name.startswith("wrap_with_"):
        return Words(
            "Block without a result",
            "It stands in a block (such as `with torch.no_grad():`) out of which the program takes"
            " no tensor, and a program with such a block cannot be loaded back.",
            "Move it out of the block, or call `run_decompositions()` on the program before saving"
            " it.",
        )
    if getattr(node.target, "__module__", "").startswith("torch._functorch"):
        return Words(
            "Unsavable operation",
            "It leaves a call in the program that `torch.export.save` cannot write.",
            "Call `run_decompositions()` on the program before saving it.",
        )
    if not isinstance(node.target, torch._ops.OperatorBase):
        return Words(
            "Unsavable arithmetic",
            f"It computes with a size, and `torch.export.save` cannot write `{name}` of sizes.",
            "Use other arithmetic for it, or make the size static.",
        )
    cause = failure.error.__cause__ or failure.error.__context__
    why = sentence(without_symbols(reason(cause))) if cause is not None else ""
    return Words(
        "Unsavable operation",
        f"It becomes `{name}`, which `torch.export.save` cannot write. {why}".rstrip(),
    )
