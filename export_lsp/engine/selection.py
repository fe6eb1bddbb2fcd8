"""Decides which files of a workspace folder are checked, from their names and their text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from export_lsp.engine.files import disk
from export_lsp.protocol import TARGET_NAMES, Check
from export_lsp.settings import DEFAULT_EXCLUDE, Resolved, excluded

_NAMES = re.compile(rf"\b({'|'.join(TARGET_NAMES)})\b", re.ASCII)


def may_declare_target(text: str) -> bool:
    """Return whether a source text contains a name that every declaration of a target needs.

    Nothing is parsed: False is certain, True is not.
    """
    return _NAMES.search(text) is not None


def is_worth_checking(text: str) -> bool:
    """Return whether a source text may declare a target or define a model without one.

    A file that mentions torch but declares no target gets a hint, so it is checked as well.
    """
    return "torch" in text or may_declare_target(text)


class Selection:
    """Selects the files of one workspace folder that are checked, and makes their checks.

    Args:
        folder: The workspace folder.
        owns: Returns whether a file belongs to this folder rather than to one nested in it.
        settings: Returns the folder's current settings.
        trusted: Returns whether the folder is trusted; before, its own patterns are not applied.

    Attributes:
        exports: Files that are run as scripts up to an exporter of this name, whatever the
            settings say (`Check.export`).
    """

    def __init__(
        self,
        folder: Path,
        owns: Callable[[Path], bool],
        settings: Callable[[], Resolved],
        trusted: Callable[[], bool],
    ) -> None:
        self._folder = folder
        self._owns = owns
        self._settings = settings
        self._trusted = trusted
        self.exports: dict[Path, str] = {}

    def includes(self, file: Path) -> bool:
        """Return whether a file is checked when it is opened or saved.

        It must be a readable Python file of the folder that `exclude` does not match, and be
        listed as a target in pyproject.toml or be worth checking by its text.
        """
        resolved = self._settings()
        if not self._owns(file) or file.suffix != ".py":
            return False
        patterns = resolved.settings.exclude if self._trusted() else DEFAULT_EXCLUDE
        if excluded(file, self._folder, patterns):
            return False
        lines = disk.lines(str(file))
        if lines is None:
            return False
        return file in resolved.targets or is_worth_checking("".join(lines))

    def is_excluded(self, file: Path) -> bool:
        """Return whether a file of the folder is not checked because `exclude` matches it."""
        patterns = self._settings().settings.exclude if self._trusted() else DEFAULT_EXCLUDE
        return self._owns(file) and excluded(file, self._folder, patterns)

    def check_for(self, file: Path) -> Check | None:
        """Return the check of a file under the current settings, None if it is not included.

        The check has no run number yet.
        """
        if not self.includes(file):
            return None
        check = self._settings().check(self._folder, file)
        return replace(check, export=self.exports.get(file, check.export))
