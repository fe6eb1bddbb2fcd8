"""The stacks behind graph nodes, and those that torch has written into a text."""

from __future__ import annotations

from torch.fx import Node

from export_lsp.protocol import Location
from export_lsp.source import Source
from export_lsp.worker.data.frame import Frame, LibraryFrame, Stack
from export_lsp.worker.places.ranges import expression_at
from export_lsp.worker.private import fx
from export_lsp.worker.user_code import libraries
from export_lsp.worker.user_code.workspace import Workspace


def stack_of_node(node: Node, workspace: Workspace) -> Stack:
    """Return the stack that made a graph node; empty if none is known."""
    return _stack(fx.stack_of(node), workspace)


def frames_of_node(node: Node, workspace: Workspace) -> list[Frame]:
    """Return the user's frames of `stack_of_node`."""
    return stack_of_node(node, workspace).frames


def text_stack(text: str, workspace: Workspace) -> Stack:
    """Return the formatted stack inside a text of torch's."""
    return _stack(fx.stack_in(text), workspace)


def _stack(lines: list[fx.StackLine], workspace: Workspace) -> Stack:
    frames: list[Frame] = []
    library = None
    for line in lines:
        source = workspace.source(line.file)
        if source is not None:
            frames.append(Frame(_located(source, line), line.function))
            library = None
        else:
            library = _library_frame(line) or library
    return Stack(frames, library)


def _library_frame(line: fx.StackLine) -> LibraryFrame | None:
    """Return the frame of a library; None for other code.

    Nodes are made by calls, and a call in a module of torch's is that of the operator: such a frame
    does not count, see `locate`.
    """
    package = libraries.package_of(line.file)
    source = libraries.source(line.file) if package not in ("", "torch") else None
    if source is None:
        return None
    return LibraryFrame(_located(source, line), line.function, package)


def _located(source: Source, line: fx.StackLine) -> Location:
    return _marked(source, line) or expression_at(source, line.line)


def _marked(source: Source, line: fx.StackLine) -> Location | None:
    """Return the expression that the carets of a stack underline; None without carets."""
    if not line.marked:
        return None
    return source.expression_marked(
        line.line, line.marked, column=line.column, operator=line.operator
    )
