"""Tell frames of this package on a stack from those of torch and of the user."""

from __future__ import annotations

from types import FrameType

import export_lsp.worker

_PACKAGE = f"{export_lsp.worker.__name__}."


def is_own(frame: FrameType) -> bool:
    """Return whether a stack frame runs code of the worker package."""
    return str(frame.f_globals.get("__name__", "")).startswith(_PACKAGE)
