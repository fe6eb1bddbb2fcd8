"""Tell frames of this package on a stack from those of torch and of the user."""

from __future__ import annotations

import sys
from types import FrameType

import export_lsp.worker

_PACKAGE = f"{export_lsp.worker.__name__}."


def is_own(frame: FrameType) -> bool:
    """Return whether a stack frame runs code of the worker package."""
    return str(frame.f_globals.get("__name__", "")).startswith(_PACKAGE)


def own_files() -> set[str]:
    """Return the files of the modules of the worker package that are imported."""
    modules = [module for name, module in sys.modules.items() if name.startswith(_PACKAGE)]
    return {module.__file__ for module in modules if module.__file__ is not None}
