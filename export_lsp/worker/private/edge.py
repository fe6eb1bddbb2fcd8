"""ExecuTorch's edge dialect, if the user's interpreter has the executorch package.

Seen in executorch 0.3 to 1.0 (``executorch.exir.to_edge``).  Without it the opset `edge` checks for
core ATen only.
"""

from __future__ import annotations

import importlib

from torch.export import ExportedProgram


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
