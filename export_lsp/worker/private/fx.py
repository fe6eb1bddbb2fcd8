"""The graph node that was being processed at a failure, and the Python stack that made it.

``torch.fx.Interpreter.run_node`` has its node in the variable ``n``, the verifiers have theirs in
``node``.  A graph that is called without an interpreter is run by generated code, whose lines
``GraphModule._lineno_map`` maps to nodes.  The ``meta["stack_trace"]`` of a node is a formatted
Python stack, in strict mode with carets.

Seen in torch 2.6 to 2.13.  Without these names findings after the capture are located at the
target's declaration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from types import FrameType, TracebackType

from torch.fx import GraphModule, Node

STACK_LINE = re.compile(
    r'^[ \t]*File "(?P<file>.+)", line (?P<line>\d+), in (?P<name>.+)$'
    r"(?:\n(?P<indent>[ \t]+)(?P<code>\S.*)$"
    r"(?:\n[ \t]*(?P<carets>[~^]+)[ \t]*$)?)?",
    re.M,
)


@dataclass(frozen=True)
class StackLine:
    """A frame of a formatted stack.

    `line` counts from 1.  `marked` is the text that carets underline, None without carets, and
    `column` its start in the line without its indentation.  `operator` says that the frame is at an
    operator such as ``@`` or ``[]``, not at a call.
    """

    file: str
    line: int
    function: str
    marked: str | None
    column: int = 0
    operator: bool = False


def node_of(tb: TracebackType | None) -> Node | None:
    """Return the node that the innermost interpreter or verifier of a traceback was at."""
    found = None
    while tb is not None:
        names = tb.tb_frame.f_locals
        for value in (names.get("n"), names.get("node"), _generated(names.get("self"), tb)):
            if isinstance(value, Node) and value.meta.get("stack_trace"):
                found = value
        tb = tb.tb_next
    return found


def _generated(module: object, tb: TracebackType) -> Node | None:
    """Return the node that the generated code of a graph was at; None in a frame of other code."""
    if not isinstance(module, GraphModule):
        return None
    if getattr(module.forward, "__code__", None) is not tb.tb_frame.f_code:
        return None
    lines, start = getattr(module, "_lineno_map", {}), getattr(module, "_prologue_start", 0)
    index = (lines or {}).get(tb.tb_lineno - start)
    return None if index is None else list(module.graph.nodes)[index]


def current_node(frame: FrameType | None) -> Node | None:
    """Return the node that the innermost interpreter on the stack of a running frame is at."""
    while frame is not None:
        if frame.f_code.co_name == "run_node":
            node = frame.f_locals.get("n")
            if isinstance(node, Node) and node.meta.get("stack_trace"):
                return node
        frame = frame.f_back
    return None


def stack_of(node: Node) -> list[StackLine]:
    """Return the Python stack that made a node, outermost frame first."""
    lines = stack_in(node.meta.get("stack_trace") or "")
    operator = getattr(node.target, "__module__", "") == "_operator"
    return [*lines[:-1], *(replace(last, operator=operator) for last in lines[-1:])]


def stack_in(text: str) -> list[StackLine]:
    """Return the frames of a formatted stack inside a text, in their order there."""
    return [
        StackLine(match["file"], int(match["line"]), match["name"], *_marked(match))
        for match in STACK_LINE.finditer(text)
    ]


def _marked(match: re.Match[str]) -> tuple[str | None, int]:
    """Return the part of the quoted line that its carets underline, and its start."""
    if match["carets"] is None:
        return None, 0
    line = match[0].splitlines()[2]
    start = len(line) - len(line.lstrip()) - len(match["indent"])
    return match["code"][start : start + len(match["carets"])] or None, start
