"""The library modules that a run imports, which a host can import ahead for the next run."""

from __future__ import annotations

import _collections_abc
import os
import sys
from types import FrameType
from typing import Any

from export_lsp.worker.user_code.workspace import Workspace

# Marks of the lines that decide which modules a file imports, and in which environment.  To match
# too many lines costs time only: the run then imports the modules itself.
_STATEMENTS = ("import ", "from ", "import\t", "from\t")
_ENVIRONMENT = ("environ", "putenv")
_SETTERS = (os.__file__, _collections_abc.__file__, "<frozen os>", "<frozen _collections_abc>")


def statements(text: str) -> tuple[str, ...]:
    """Return the lines of a file that decide which modules it imports, stripped.

    While they stay the same, the file can be expected to import the same modules.
    """
    lines = (line.strip() for line in text.split("\n"))
    return tuple(
        line
        for line in lines
        if line.startswith(_STATEMENTS) or any(word in line for word in _ENVIRONMENT)
    )


class ImportTracker:
    """Tracks the modules that this process imports after the tracker is made.

    It also watches ``os.environ`` for the life of the process.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._before = set(sys.modules)
        self._before_environment_change: set[str] | None = None
        self._watch_environment()

    def modules(self) -> dict[str, str]:
        """Return the files of the imported library modules, by module name, in order of import.

        Modules that were imported after the user's code changed the environment are left out, as
        they may have read it.
        """
        names = self._before_environment_change or sys.modules
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
        """Return the `statements` of each of the user's files that was read, by path."""
        sources = self._workspace.sources
        return {file: statements(source.text) for file, source in sources.items()}

    def _watch_environment(self) -> None:
        kind: Any = type(os.environ)
        for name in ("__setitem__", "__delitem__"):
            setattr(kind, name, self._watched(getattr(kind, name)))

    def _watched(self, change: Any) -> Any:
        def changing(environment: Any, *args: Any) -> None:
            if self._before_environment_change is None and self._is_users(sys._getframe(1)):
                self._before_environment_change = set(sys.modules)
            change(environment, *args)

        return changing

    def _is_users(self, frame: FrameType | None) -> bool:
        while frame is not None and frame.f_code.co_filename in _SETTERS:
            frame = frame.f_back
        return frame is not None and self._workspace.contains(frame.f_code.co_filename)


def _is_itself(name: str, module: Any) -> bool:
    """Return whether importing `name` gives this module; some are registered as aliases as well."""
    spec = getattr(module, "__spec__", None)
    return spec is not None and getattr(spec, "name", None) == name
