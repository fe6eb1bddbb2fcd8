"""The places that the nodes of a program come from: expressions, statements, and modules."""

from __future__ import annotations

import ast
import os
import sys
from dataclasses import dataclass

from torch.export import ExportedProgram
from torch.fx import Node
from torch.nn import Module

from export_lsp.protocol import Location
from export_lsp.worker.graph import program_graph
from export_lsp.worker.places import node_frames
from export_lsp.worker.private.region_stacks import RegionNodes
from export_lsp.worker.user_code.workspace import Workspace

# Of a statement at most so many characters are quoted.
QUOTED = 90


@dataclass(frozen=True)
class Origin:
    """The place that a node comes from.

    `location` is the user's expression that made it, None if there is none, and `statement` the
    line and text of the statement around that.  `module` is the path of the module whose code it
    is, and `class_name` that of its class; both are "" for the model itself.
    """

    location: Location | None = None
    statement: str = ""
    module: str = ""
    class_name: str = ""


class Origins:
    """Finds the origins of nodes.

    Args:
        exported: The program, before it was decomposed.
        model: The model that it is exported from.
        workspace: The user's files.
    """

    def __init__(self, exported: ExportedProgram, model: Module, workspace: Workspace) -> None:
        self._workspace = workspace
        self._regions = RegionNodes(program_graph.region_nodes(exported))
        self._modules = {
            path: type(module).__name__
            for path, module in model.named_modules(remove_duplicate=False)
            if path and self._is_users(type(module))
        }
        self._known: dict[str, tuple[Location | None, str]] = {}

    def of(self, node: Node) -> Origin:
        """Return the origin of a node of the program, or of what it decomposes into."""
        node = self._regions.origin(node)
        stack = node.meta.get("stack_trace") or ""
        if stack not in self._known:
            frames = node_frames.frames_of_node(node, self._workspace)
            place = frames[-1].location if frames else None
            self._known[stack] = place, self._statement(place) if place is not None else ""
        paths = (path for path, _ in (node.meta.get("nn_module_stack") or {}).values())
        own = [path for path in paths if path.partition("@")[0] in self._modules]
        module = own[-1].partition("@")[0] if own else ""
        return Origin(*self._known[stack], module, self._modules.get(module, ""))

    def _is_users(self, kind: type) -> bool:
        file = getattr(sys.modules.get(kind.__module__), "__file__", None)
        return isinstance(file, str) and self._workspace.contains(file)

    def _statement(self, place: Location) -> str:
        """Return the file, the line and the text of the statement around an expression."""
        source = self._workspace.source(place.file)
        around = source.enclosing(place) if source is not None else []
        statement = next((each for each in around if isinstance(each, ast.stmt)), None)
        if source is None or statement is None:
            return ""
        text = source.lines[statement.lineno - 1].strip()
        quoted = text if len(text) <= QUOTED else f"{text[: QUOTED - 1]}…"
        file = os.path.relpath(place.file, self._workspace.folder)
        return f"{file}:{statement.lineno}  {quoted}"
