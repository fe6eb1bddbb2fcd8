"""Graph nodes that were being interpreted when something failed, and the user's lines behind them.

Seen in torch 2.6 to 2.13: ``torch.fx.Interpreter.run_node`` has the node in ``n``, the verifiers in
``node``; ``meta["stack_trace"]`` is the text of a Python stack, with carets in strict mode.  Where
it is missing, findings of the stages after capture fall back to the target's declaration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.fx import Node

STACK_LINE = re.compile(
    r'^[ \t]*File "(?P<file>.+)", line (?P<line>\d+), in (?P<name>.+)$'
    r"(?:\n(?P<indent>[ \t]+)(?P<code>\S.*)$"
    r"(?:\n[ \t]*(?P<carets>[~^]+)[ \t]*$)?)?",
    re.M,
)


@dataclass(frozen=True)
class StackLine:
    """A frame of a formatted stack: its line (from 1) and, where carets were drawn, their text.

    `column` is where that starts in the line without its indentation.  `operator` says that an
    operator such as ``@`` or ``[]`` is at work there, not a call.
    """

    file: str
    line: int
    function: str
    marked: str | None
    column: int = 0
    operator: bool = False


def node_of(tb: TracebackType | None) -> Node | None:
    """The node that the innermost interpreting or verifying frame of a traceback was at."""
    from torch.fx import Node

    found = None
    while tb is not None:
        for name in ("n", "node"):
            value = tb.tb_frame.f_locals.get(name)
            if isinstance(value, Node) and value.meta.get("stack_trace"):
                found = value
        tb = tb.tb_next
    return found


def current_node(frame: FrameType | None) -> Node | None:
    """The node that is being interpreted on the stack of a running frame, the innermost one."""
    from torch.fx import Node

    while frame is not None:
        if frame.f_code.co_name == "run_node":
            node = frame.f_locals.get("n")
            if isinstance(node, Node) and node.meta.get("stack_trace"):
                return node
        frame = frame.f_back
    return None


def stack_of(node: Node) -> list[StackLine]:
    """The Python stack that made a node, outermost first."""
    lines = stack_in(node.meta.get("stack_trace") or "")
    operator = getattr(node.target, "__module__", "") == "_operator"
    return [*lines[:-1], *(replace(last, operator=operator) for last in lines[-1:])]


def stack_in(text: str) -> list[StackLine]:
    """The frames of a formatted stack."""
    return [
        StackLine(match["file"], int(match["line"]), match["name"], *_marked(match))
        for match in STACK_LINE.finditer(text)
    ]


def _marked(match: re.Match[str]) -> tuple[str | None, int]:
    """The part of the quoted line that its carets underline, and where it starts."""
    if match["carets"] is None:
        return None, 0
    line = match[0].splitlines()[2]
    start = len(line) - len(line.lstrip()) - len(match["indent"])
    return match["code"][start : start + len(match["carets"])] or None, start
