"""The workspace folder of a path on the command line, with its settings and its interpreter."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.message_line import print_message
from export_lsp.engine.checker import choose_interpreter
from export_lsp.engine.interpreters import Interpreter, InterpreterError
from export_lsp.settings import Resolved, pyproject, resolve


def folder_of(path: Path) -> Path:
    """Return the workspace folder of a file or folder.

    That is the nearest folder upwards whose pyproject.toml has our table; else the working
    directory if the path is below it; else the root of the project; else the path's own folder.
    If a pyproject.toml does not count, as it is another user's, stderr gets the reason once.
    """
    start = path if path.is_dir() else path.parent
    project = pyproject.read(start)
    _warn(project.unused)
    if project.table or project.targets or (project.errors and project.file):
        return project.directory
    here = Path.cwd()
    if start.is_relative_to(here):
        return here
    return pyproject.project_root(start) or start


def settings_of(folder: Path, overrides: Mapping[str, Any]) -> Resolved:
    """Return the settings of a workspace folder, overridden by those of the command line.

    Raises:
        CannotRun: Settings are wrong; there is a message for each.
    """
    resolved = resolve(folder, options={}, overrides=overrides)
    _warn(resolved.unused)
    if resolved.errors:
        raise CannotRun(*(str(error) for error in resolved.errors))
    return resolved


def interpreter_of(folder: Path, resolved: Resolved) -> Interpreter:
    """Return the interpreter that checks the files of a workspace folder.

    Raises:
        CannotRun: None was found.
    """
    try:
        return choose_interpreter(folder, resolved)
    except InterpreterError as error:
        raise CannotRun(str(error)) from error


@functools.cache
def _warn(message: str) -> None:
    """Print a warning on stderr, each once; none if it is empty."""
    if message:
        print_message("warning", message)
