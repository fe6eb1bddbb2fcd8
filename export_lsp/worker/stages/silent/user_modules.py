"""The user's own modules among all imported ones."""

from __future__ import annotations

import sys
from types import ModuleType

from export_lsp.worker.user_code.workspace import Workspace


def user_modules(workspace: Workspace) -> list[ModuleType]:
    """Return the modules that were imported from files of the workspace."""
    # `vars` does not call a module's own `__getattr__`, which may import something.
    return [
        module
        for module in list(sys.modules.values())
        if isinstance(module, ModuleType) and vars(module).get("__file__") in workspace.sources
    ]
