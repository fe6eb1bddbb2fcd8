"""What a run imports that is not the user's: the next run of the file may find it there already."""

from __future__ import annotations

import _collections_abc
import os
import sys
from types import FrameType
from typing import Any

from export_lsp.worker.user_code.workspace import Workspace

# What decides what a file imports, and with which environment.  More lines than that count is only
# slower: the modules are imported by the run.
_STATEMENTS = ("import ", "from ", "import\t", "from\t")
_ENVIRONMENT = ("environ", "putenv")
_SETTERS = (os.__file__, _collections_abc.__file__, "<frozen os>", "<frozen _collections_abc>")


def statements(text: str) -> tuple[str, ...]:
    """The lines of a file that decide what it imports."""
    lines = (line.strip() for line in text.split("\n"))
    return tuple(
        line
        for line in lines
        if line.startswith(_STATEMENTS) or any(word in line for word in _ENVIRONMENT)
    )


class ImportTracker:
    """Notes what is imported from now on."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._before = set(sys.modules)
        self._with_our_environment: set[str] | None = None
        self._watch_environment()

    def modules(self) -> dict[str, str]:
        """The files of the modules that are not the user's, by name, in the order of their imports.

        Those that were imported after the user's code had changed the environment are left out: it
        may be what they read.
        """
        names = self._with_our_environment or sys.modules
        files = {
            name: getattr(module, "__file__", None)
            for name, module in list(sys.modules.items())
            if name in names and name not in self._before and _is_itself(name, module)
        }
        return {
            name: file
            for name, file in files.items()
            if isinstance(file, str) and not self._workspace.contains(file)
        }

    def statements(self) -> dict[str, tuple[str, ...]]:
        """The lines that decide about imports, of each of the user's files that was read."""
        sources = self._workspace.sources
        return {file: statements(source.text) for file, source in sources.items()}

    def _watch_environment(self) -> None:
        kind: Any = type(os.environ)
        for name in ("__setitem__", "__delitem__"):
            setattr(kind, name, self._noting(getattr(kind, name)))

    def _noting(self, change: Any) -> Any:
        def noted(environment: Any, *args: Any) -> None:
            if self._with_our_environment is None and self._is_users(sys._getframe(1)):
                self._with_our_environment = set(sys.modules)
            change(environment, *args)

        return noted

    def _is_users(self, frame: FrameType | None) -> bool:
        while frame is not None and frame.f_code.co_filename in _SETTERS:
            frame = frame.f_back
        return frame is not None and self._workspace.contains(frame.f_code.co_filename)


def _is_itself(name: str, module: Any) -> bool:
    """Whether importing a name gives this module: some stand under further names."""
    spec = getattr(module, "__spec__", None)
    return spec is not None and getattr(spec, "name", None) == name
