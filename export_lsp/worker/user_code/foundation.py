"""The observations of a host before it runs user code, on which all its runs rest."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import torch

from export_lsp.observed import Aspect, States, key
from export_lsp.worker.user_code.libraries import TORCH
from export_lsp.worker.user_code.observer import file_aspect, is_fixed
from export_lsp.worker.user_code.packages import package_folders

# The observation of a file that may have been imported before it changed: it is never so again.
CHANGED_MEANWHILE = "changed meanwhile"


def foundation(begun: float) -> dict[str, str]:
    """Return the observations that stand for all that this process has imported so far.

    They are those of the interpreter, of torch by its version file, of the other modules outside of
    the standard library, and of the files that decide on ``sys.path``.

    Args:
        begun: When the process began, by `time.time`.
    """
    states = States()
    return {
        key(aspect, path): CHANGED_MEANWHILE if _has_changed_since(begun, path) else text
        for aspect, path in dict.fromkeys(_paths())
        for text in [states.now(key(aspect, path))]
    }


def _has_changed_since(begun: float, path: str) -> bool:
    try:
        return os.stat(path).st_ctime > begun
    except OSError:
        return False


def _paths() -> Iterator[tuple[Aspect, str]]:
    yield "stamp", sys.executable
    yield "content", os.path.join(sys.prefix, "pyvenv.cfg")
    yield "stamp", os.path.join(TORCH, "version.py")
    yield "stamp", torch.__file__
    for folder in package_folders():
        yield "distributions", folder
        names = os.listdir(folder) if os.path.isdir(folder) else []
        for name in names:
            if name.endswith(".pth"):
                yield "content", os.path.join(folder, name)
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and os.path.isabs(file) and not is_fixed(file):
            yield file_aspect(file)
