"""The folders that modules are imported from: of a file, of its project, of installed packages."""

from __future__ import annotations

import os
import sys

from export_lsp.protocol import Check

PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg", ".git")


def project_roots(file: str, folder: str) -> list[str]:
    """Return the directories that a project's own packages are imported from.

    These are the projects between the file and the workspace folder, the nearest first, and then
    the folder.  A directory is a project if it has one of the `PROJECT_FILES`.
    """
    roots = []
    directory = os.path.dirname(file)
    while directory.startswith(folder + os.sep):
        if any(os.path.exists(os.path.join(directory, name)) for name in PROJECT_FILES):
            roots.append(directory)
        directory = os.path.dirname(directory)
    return [*roots, folder]


def search_path(check: Check) -> list[str]:
    """Return the entries of ``sys.path`` that a check adds, the first one of its file's package."""
    root, _ = module_parts(check.file)
    return [root, *check.extra_paths, *project_roots(check.file, check.folder)]


def module_parts(path: str) -> tuple[str, list[str]]:
    """Return the directory to import a file from, and its module name there as a list of parts."""
    directory, file = os.path.split(path)
    parts = [os.path.splitext(file)[0]]
    while os.path.isfile(os.path.join(directory, "__init__.py")):
        directory, package = os.path.split(directory)
        parts.insert(0, package)
    if len(parts) > 1 and parts[-1] == "__init__":
        parts.pop()
    return directory, parts


def package_folders() -> tuple[str, ...]:
    """Return the ``site-packages`` folders on ``sys.path``.

    Installing a package changes the modification time of its folder.
    """
    return tuple(path for path in sys.path if path.endswith("-packages"))
