"""The tensors that the user's expressions had, as far as the nodes of a program tell.

In strict mode nothing can note values while the model is traced.  A node tells the value of an
expression that made no other node, and so that of the name that this is assigned to.  Calls of the
user's own functions are not among them.
"""

from __future__ import annotations

import ast
import inspect
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch._ops import OpOverload
from torch.export import ExportedProgram
from torch.fx import Node
from torch.nn import Module
from torch.utils import _pytree as pytree

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.execution.smaller_inputs import traced_inputs
from export_lsp.worker.insight.noted_places import NotedPlace, ValueNotes
from export_lsp.worker.insight.trace_notes import TraceNotes
from export_lsp.worker.places import node_frames
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.user_code.workspace import Workspace


def node_notes(program: ExportedProgram, declaration: Declaration) -> TraceNotes:
    """Return the notes that the nodes of a program make for a trace of a target."""
    places = _Places(declaration.workspace)
    notes = TraceNotes()
    for place, value in _inputs(program, declaration, places):
        notes.note(place, value)
    modules = dict(declaration.built.model.named_modules(remove_duplicate=False))
    for node, location in _values(program, declaration.workspace):
        for place in places.of(location):
            notes.note(place, node.meta["val"])
            module = modules.get(_path(node, place.function))
            receiver = places.first_parameter(place)
            if module is not None and receiver is not None:
                notes.note(receiver, module)
    return notes


def _values(program: ExportedProgram, workspace: Workspace) -> Iterator[tuple[Node, Location]]:
    """Yield the nodes that are the value of an expression, with its place."""
    stacks = {
        node: frames
        for node in program.graph.nodes
        if node.op == "call_function" and not isinstance(node.meta.get("val"), torch.SymInt)
        if (frames := node_frames.frames_of_node(node, workspace))
    }
    calls = {frame.location for frames in stacks.values() for frame in frames[:-1]}
    alone: list[tuple[Node, Location]] = []
    unclear = set(calls)
    # Nodes that follow each other may be of one call or of several in a loop.
    for _, group in itertools.groupby(stacks, lambda node: [f.location for f in stacks[node]]):
        nodes = list(group)
        frames = stacks[nodes[0]]
        place = frames[-1].location
        if len(nodes) > 1 or not _is_value(nodes[0]):
            unclear.add(place)
        alone.append((nodes[0], place))
    return ((node, place) for node, place in alone if place not in unclear)


def _is_value(node: Node) -> bool:
    return isinstance(node.target, OpOverload) and isinstance(node.meta.get("val"), torch.Tensor)


def _path(node: Node, function: str) -> str | None:
    """Return the path of the module whose method a node is in."""
    name = function.rpartition(".")[0].rpartition(".")[2]
    entries = (node.meta.get("nn_module_stack") or {}).values()
    paths = [path for path, kind in entries if name and str(kind).rpartition(".")[2] == name]
    return paths[-1].partition("@")[0] if paths else None


def _inputs(
    program: ExportedProgram, declaration: Declaration, places: _Places
) -> Iterator[tuple[NotedPlace, Any]]:
    """Yield the parameters of the model's forward that are tensors, with their traced values."""
    built = declaration.built
    leaves, structure = pytree.tree_flatten((built.args, built.kwargs or {}))
    numbers = pytree.tree_unflatten(list(range(len(leaves))), structure)
    traced = traced_inputs(program)
    parameters = places.parameters(_forward(built.model))
    for name, number in declaration.by_parameter(*numbers).items():
        if name in parameters and isinstance(number, int) and number < len(traced):
            yield parameters[name], traced[number]


def _forward(model: Module) -> Any:
    return inspect.unwrap(type(model).forward)


class _Places:
    """The places of names and expressions in the user's files."""

    def __init__(self, workspace: Workspace) -> None:
        self._by_location: dict[Location, list[NotedPlace]] = {}
        self._parameters: dict[tuple[str, str], list[NotedPlace]] = {}
        for source in workspace.sources.values():
            for place in _places_in(source):
                if place.parameter:
                    key = place.location.file, place.function
                    self._parameters.setdefault(key, []).append(place)
                    continue
                for location in {place.location, *_assigned(source, place)}:
                    self._by_location.setdefault(location, []).append(place)

    def of(self, location: Location) -> Iterable[NotedPlace]:
        """Return the places whose value is that of the expression at a location."""
        return self._by_location.get(location, ())

    def first_parameter(self, place: NotedPlace) -> NotedPlace | None:
        """Return the first parameter of the function around a place."""
        found = self._parameters.get((place.location.file, place.function))
        return found[0] if found else None

    def parameters(self, function: Any) -> dict[str, NotedPlace]:
        """Return the parameters of a function by name; none if it is not the user's."""
        code = getattr(function, "__code__", None)
        qualified = getattr(function, "__qualname__", "").replace(".<locals>", "")
        found = self._parameters.get((getattr(code, "co_filename", ""), qualified), [])
        return {place.name: place for place in found}


def _places_in(source: Source) -> list[NotedPlace]:
    places: list[NotedPlace] = []
    if source.tree is not None:
        ValueNotes(source, places).visit(ast.parse(source.text))
    return places


def _assigned(source: Source, place: NotedPlace) -> Iterator[Location]:
    """Yield the expression whose value a name is assigned as a whole."""
    statement = source.statement_at(place.statement) if place.name else None
    if isinstance(statement, ast.AugAssign):
        yield place.statement
    elif isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if any(isinstance(each, ast.Name) and each.id == place.name for each in targets):
            yield source.location_of(statement.value)
