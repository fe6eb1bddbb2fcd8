"""The user's frames behind graph nodes, and in stacks that torch has written into a text."""

from __future__ import annotations

from torch.fx import Node

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places.ranges import expression_at
from export_lsp.worker.private import fx
from export_lsp.worker.user_code.workspace import Workspace


def frames_of_node(node: Node, workspace: Workspace) -> list[Frame]:
    """Return the user's frames that made a graph node, outermost first; empty if none is known."""
    return _frames(fx.stack_of(node), workspace)


def text_frames(text: str, workspace: Workspace) -> list[Frame]:
    """Return the user's frames of a formatted stack inside a text of torch's, outermost first."""
    return _frames(fx.stack_in(text), workspace)


def _frames(lines: list[fx.StackLine], workspace: Workspace) -> list[Frame]:
    found = []
    for line in lines:
        source = workspace.source(line.file)
        if source is not None:
            location = _marked(source, line) or expression_at(source, line.line)
            found.append(Frame(location, line.function))
    return found


def _marked(source: Source, line: fx.StackLine) -> Location | None:
    """Return the expression that the carets of a stack underline; None without carets."""
    if not line.marked:
        return None
    return source.expression_marked(
        line.line, line.marked, column=line.column, operator=line.operator
    )
