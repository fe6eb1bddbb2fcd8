"""The library modules that a run imports, which a host can import ahead for the next run.

That must not change what they compute.  So they are imported ahead only as far as the user's files
import them before their first statement with effects: what such a statement changes may decide what
an import does.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType
from typing import Any

from export_lsp.worker.user_code.effects import CLASS, beginning_of_text, is_plain
from export_lsp.worker.user_code.workspace import Workspace


def statements(text: str) -> tuple[str, ...]:
    """Return the statements of a file that decide which modules may be imported ahead.

    While they stay the same, the file imports the same modules before its first effect.
    """
    beginning = beginning_of_text(text)
    return beginning.statements if beginning is not None else (text,)


def same_imports(found: tuple[str, ...]) -> tuple[str, ...]:
    """Return what two files have in common that import the same modules before their first effect.

    That is the statements without classes whose bases import nothing, and without the number and
    the order of the others.

    Args:
        found: The `statements` of a file.
    """
    classes = sorted({each for each in found if each.startswith(CLASS) and not is_plain(each)})
    return (*(each for each in found if not each.startswith(CLASS)), *classes)


class ImportTracker:
    """Tracks the modules that this process imports after the tracker is made.

    It is a finder of ``sys.meta_path``, which finds no module, and stays there for the life of the
    process.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._before = set(sys.modules)
        self._before_effects: set[str] | None = None
        self._users_imports: set[str] = set()
        sys.meta_path.insert(0, self)

    def find_spec(
        self, name: str, path: Any = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Note whether the user's code has had effects when it imports a module; find none."""
        if self._is_users(sys._getframe(1)):
            self._users_imports.add(name)
        if self._before_effects is None and self._has_had_effects(sys._getframe(1)):
            self._before_effects = set(sys.modules)
        return None

    def modules(self) -> dict[str, str]:
        """Return the files of the imported library modules, by module name, in order of import.

        Modules that were imported after the first effect of the user's code are left out.  None are
        returned if a module has failed that this code imports: it may have had effects before.
        """
        executed = self._users_imports & self._workspace.executed
        if any(name not in sys.modules for name in executed):
            return {}
        names = self._before_effects or sys.modules
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

    def _is_users(self, frame: FrameType | None) -> bool:
        """Return whether the user's code imports a module, and not a library of it."""
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        return frame is not None and self._workspace.contains(frame.f_code.co_filename)

    def _has_had_effects(self, frame: FrameType | None) -> bool:
        """Return whether the user's code may have changed anything but ``sys.modules`` so far.

        Args:
            frame: The frame that imports a module.
        """
        if not self._workspace.codes:
            return False  # none of it has run
        lines: dict[str, int] = {}
        while frame is not None:
            file = frame.f_code.co_filename
            if self._workspace.contains(file):
                if frame.f_code.co_name != "<module>":
                    return True  # a function was called, which is an effect
                lines[file] = frame.f_lineno
            frame = frame.f_back
        # Without such a frame, the file has been imported, and its model is being built or traced.
        return not lines or any(
            self._has_effect(file, lines.get(file)) for file in self._workspace.codes
        )

    def _has_effect(self, file: str, line: int | None) -> bool:
        """Return whether a file has an effect up to a line; None for all of it."""
        source = self._workspace.sources.get(file)
        beginning = beginning_of_text(source.text) if source is not None else None
        if beginning is None:
            return True
        return beginning.effect is not None and (line is None or line >= beginning.effect)


def _is_itself(name: str, module: Any) -> bool:
    """Return whether importing `name` gives this module; some are registered as aliases as well."""
    spec = getattr(module, "__spec__", None)
    return spec is not None and getattr(spec, "name", None) == name
