"""Where files are imported from: their own package, and their project's."""

from __future__ import annotations

import os
import sys

PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg", ".git")


def project_roots(file: str, folder: str) -> list[str]:
    """Where a project's own packages are imported from: the folder, and before it every directory
    on the way to the file that is a project of its own, the nearest first."""
    roots = []
    directory = os.path.dirname(file)
    while directory.startswith(folder + os.sep):
        if any(os.path.exists(os.path.join(directory, name)) for name in PROJECT_FILES):
            roots.append(directory)
        directory = os.path.dirname(directory)
    return [*roots, folder]


def module_parts(path: str) -> tuple[str, list[str]]:
    """The directory to import from and the module's name there, package by package."""
    directory, file = os.path.split(path)
    parts = [os.path.splitext(file)[0]]
    while os.path.isfile(os.path.join(directory, "__init__.py")):
        directory, package = os.path.split(directory)
        parts.insert(0, package)
    if len(parts) > 1 and parts[-1] == "__init__":
        parts.pop()
    return directory, parts


def package_folders() -> tuple[str, ...]:
    """The folders that packages are installed into, whose times change when one is."""
    return tuple(path for path in sys.path if path.endswith("-packages"))
