"""Tell frames of this package on a stack from those of torch and of the user."""

from __future__ import annotations

import os
import re
import sys
from types import FrameType

import export_lsp.worker

_PACKAGE = f"{export_lsp.worker.__name__}."
_FOLDER = os.path.join(os.path.dirname(os.path.abspath(export_lsp.worker.__file__)), "")

# A frame in a traceback: its header and the lines of code and marks below, which are further in.
_FRAME = re.compile(
    r'^(?P<margin> *)File "(?P<file>[^"\n]+)", line -?\d+, in .*\n(?:(?P=margin) +\S.*\n?)*', re.M
)


def is_own(frame: FrameType) -> bool:
    """Return whether a stack frame runs code of the worker package."""
    return str(frame.f_globals.get("__name__", "")).startswith(_PACKAGE)


def own_files() -> set[str]:
    """Return the files of the modules of the worker package that are imported."""
    modules = [module for name, module in sys.modules.items() if name.startswith(_PACKAGE)]
    return {module.__file__ for module in modules if module.__file__ is not None}


def is_own_class(cls: type) -> bool:
    """Return whether a class is one of the worker package's."""
    return cls.__module__.startswith(_PACKAGE)


def without_own_frames(text: str) -> str:
    """Return a text with tracebacks in it without the frames of the worker package."""
    return _FRAME.sub(_unless_own, text).rstrip()


def _unless_own(frame: re.Match[str]) -> str:
    return "" if frame["file"].startswith(_FOLDER) else frame[0]
