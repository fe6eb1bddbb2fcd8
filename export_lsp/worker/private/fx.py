"""Graph nodes that were being interpreted when something failed, and the user's lines behind them.

Seen in torch 2.6 to 2.13: ``torch.fx.Interpreter.run_node`` has the node in ``n``, the verifiers in
``node``; ``meta["stack_trace"]`` is the text of a Python stack without columns.  Where it is missing,
findings of the stages after capture fall back to the target's declaration.
"""

from __future__ import annotations

import re
import traceback
from types import TracebackType

import torch

STACK_LINE = re.compile(r'^\s*File "(?P<file>.+)", line (?P<line>\d+), in (?P<name>.+)$', re.M)


def node_of(tb: TracebackType | None) -> torch.fx.Node | None:
    """The node that the innermost interpreting or verifying frame of a traceback was at."""
    found = None
    while tb is not None:
        for name in ("n", "node"):
            value = tb.tb_frame.f_locals.get(name)
            if isinstance(value, torch.fx.Node) and value.meta.get("stack_trace"):
                found = value
        tb = tb.tb_next
    return found


def stack_of(node: torch.fx.Node) -> list[traceback.FrameSummary]:
    """The Python stack that made a node, outermost first; lines only."""
    return stack_in(node.meta.get("stack_trace") or "")


def stack_in(text: str) -> list[traceback.FrameSummary]:
    """The frames of a formatted stack."""
    return [
        traceback.FrameSummary(
            match["file"], int(match["line"]), match["name"], lookup_line=False
        )
        for match in STACK_LINE.finditer(text)
    ]
