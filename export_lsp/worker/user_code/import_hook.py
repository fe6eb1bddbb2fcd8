"""Make imports compile the user's files from the texts that findings refer to."""

from __future__ import annotations

import importlib.machinery
from types import CodeType
from typing import Any

from export_lsp.worker.user_code.workspace import Workspace


def install_import_hook(workspace: Workspace) -> None:
    """Let every later import of one of the user's files take its text from the workspace.

    The hook stays for the life of the process.  It remembers the text and the code of each
    imported file in `workspace`, and neither reads nor writes byte code for them: the time stamp
    of byte code has a resolution of one second, so that of two saves in a second the first would
    run.  All finders, those of editable installs included, end in the one method that is replaced.
    """
    loader: Any = importlib.machinery.SourceFileLoader
    cached = loader.get_code

    def get_code(self: Any, fullname: str) -> CodeType | None:
        if not workspace.contains(self.path):
            workspace.executed.add(fullname)
            return cached(self, fullname)
        data = workspace.data(self.path)
        try:
            workspace.remember(self.path, data)
        except (SyntaxError, UnicodeDecodeError):
            # Data that is not text fails below, with the module's name and location.
            workspace.observer.look("content", self.path)
        code: CodeType = self.source_to_code(data, self.path)
        workspace.codes.setdefault(self.path, []).append(code)
        return code

    loader.get_code = get_code
