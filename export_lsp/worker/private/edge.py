"""ExecuTorch's edge dialect, where the user's interpreter has the executorch package.

Seen in executorch 0.3 to 1.0 (``executorch.exir.to_edge``); where it is missing the opset `edge`
checks for core ATen alone.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.export import ExportedProgram


def lower(program: ExportedProgram) -> bool:
    """Lower a program to the edge dialect; False where there is no executorch.

    Raises:
        Exception: whatever executorch raises for a program that it does not take.
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
