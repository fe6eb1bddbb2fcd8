"""The operators that the user's expressions became in an exported program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import torch
from torch.export import ExportedProgram
from torch.fx import Node

from export_lsp.protocol import Location, Operators
from export_lsp.worker.graph import program_graph
from export_lsp.worker.graph.flops import ONCE
from export_lsp.worker.graph.operator_calls import operator_call
from export_lsp.worker.places import node_frames
from export_lsp.worker.private.region_stacks import RegionNodes
from export_lsp.worker.user_code.workspace import Workspace

# Operators by the places in the stacks of their nodes, in the order of the graph.
ByPlace = dict[Location, dict[str, bool]]


def operators(
    program: ExportedProgram, decomposed: ExportedProgram | None, workspace: Workspace
) -> tuple[Operators, ...]:
    """Return the operators of each expression on the stack of a node, by file and position.

    Args:
        program: The program.
        decomposed: The program in terms of core operators, None if there is none.
        workspace: The user's files.
    """
    places = _Places(workspace, RegionNodes(program_graph.region_nodes(program)))
    found = _by_place(program, places)
    core = _by_place(decomposed, places) if decomposed is not None else {}
    return tuple(
        Operators(
            place,
            tuple(found[place]),
            core=tuple(name for name, is_core in core.get(place, {}).items() if is_core),
            other=tuple(name for name, is_core in core.get(place, {}).items() if not is_core),
        )
        for place in sorted(found, key=lambda each: (each.file, each.start, each.end))
    )


class _Places:
    """The expressions on the stacks of nodes; many nodes have the same stack."""

    def __init__(self, workspace: Workspace, regions: RegionNodes) -> None:
        self._workspace = workspace
        self._regions = regions
        self._known: dict[str, tuple[Location, ...]] = {}

    def of(self, node: Node) -> tuple[Location, ...]:
        node = self._regions.origin(node)
        text = node.meta.get("stack_trace") or ""
        if text not in self._known:
            frames = node_frames.frames_of_node(node, self._workspace)
            self._known[text] = tuple(dict.fromkeys(frame.location for frame in frames))
        return self._known[text]


def _by_place(program: ExportedProgram, places: _Places) -> ByPlace:
    found: ByPlace = defaultdict(dict)
    for node in program_graph.nodes(program):
        for name, is_core in _named(node):
            for place in places.of(node):
                found[place][name] = is_core
    return found


def _named(node: Node) -> Iterator[tuple[str, bool]]:
    """Yield the name of an operator that makes tensors, and whether it is one of core ATen."""
    call = operator_call(node)
    if call is not None and call.name not in ONCE and call.tensors:
        yield call.name, torch.Tag.core in getattr(call.operator, "tags", ())
