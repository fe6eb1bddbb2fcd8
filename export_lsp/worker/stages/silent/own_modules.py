"""The user's own modules, of all that are imported."""

from __future__ import annotations

import sys
from types import ModuleType

from export_lsp.worker.user_code.workspace import Workspace


def own_modules(workspace: Workspace) -> list[ModuleType]:
    """The modules whose text was read when they were imported, which is that of the user's files.

    Their names are looked up without the module's own `__getattr__`, which may import something.
    """
    return [
        module
        for module in list(sys.modules.values())
        if isinstance(module, ModuleType) and vars(module).get("__file__") in workspace.sources
    ]
