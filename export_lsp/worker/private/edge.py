"""ExecuTorch's edge dialect, if the user's interpreter has the executorch package.

Seen in executorch 0.3 to 1.0 (``executorch.exir.to_edge``).  Without it the opset `edge` checks for
core ATen only.
"""

from __future__ import annotations

import importlib

from torch._ops import OpOverload
from torch.export import ExportedProgram
from torch.fx import Node


def operator_of(node: Node) -> OpOverload | None:
    """Return the operator that a node calls, by itself or as an operator of the edge dialect.

    The latter are no classes of torch's, and have torch's operator as ``_op``.
    """
    if node.op != "call_function":
        return None
    if isinstance(node.target, OpOverload):
        return node.target
    inner = getattr(node.target, "_op", None)
    return inner if isinstance(inner, OpOverload) else None


def lower(program: ExportedProgram) -> bool:
    """Lower a program to the edge dialect; the result is dropped.

    Returns:
        False if there is no executorch.

    Raises:
        Exception: what executorch raises for a program that it does not accept.
    """
    try:
        exir = importlib.import_module("executorch.exir")
    except ImportError:
        return False
    to_edge = getattr(exir, "to_edge", None)
    if to_edge is None:
        return False
    to_edge(program)
    return True
