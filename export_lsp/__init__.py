"""Shows why ``torch.export`` cannot capture a model: at the exact expression, on every save.

Programs use ``check`` and ``assert_exports``, and the types of their results.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from export_lsp import version

if TYPE_CHECKING:
    from export_lsp.api import (
        CheckError,
        Edit,
        Fix,
        Note,
        Place,
        Problem,
        Result,
        Target,
        assert_exports,
        check,
    )

__all__ = [
    "CheckError",
    "Edit",
    "Fix",
    "Note",
    "Place",
    "Problem",
    "Result",
    "Target",
    "__version__",
    "assert_exports",
    "check",
]

__version__ = version.VERSION


def __getattr__(name: str) -> Any:
    """Import the functions and types when one is first used: commands and workers need none."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("export_lsp.api"), name)
