"""Workspace folders as the command line sees them: whose settings and interpreter a file has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from export_lsp.cli.failure import CannotRun
from export_lsp.engine.checker import choose_interpreter
from export_lsp.engine.interpreters import Interpreter, InterpreterError
from export_lsp.settings import Resolved, pyproject, resolve

_ROOT_MARKS = ("pyproject.toml", ".git")


def folder_of(path: Path) -> Path:
    """The workspace folder of a file or folder.

    The nearest directory upwards whose pyproject.toml has our table; else the working directory
    if the file is below it; else the nearest that looks like a project; else the file's own.
    """
    start = path if path.is_dir() else path.parent
    project = pyproject.read(start)
    if project.table or project.targets or (project.errors and project.file):
        return project.directory
    here = Path.cwd()
    if start.is_relative_to(here):
        return here
    for directory in (start, *start.parents):
        if any((directory / mark).exists() for mark in _ROOT_MARKS):
            return directory
    return start


def settings_of(folder: Path, overrides: Mapping[str, Any]) -> Resolved:
    """The folder's settings under those of the command line.

    Raises:
        CannotRun: some value does not fit; every one is named.
    """
    resolved = resolve(folder, options={}, overrides=overrides)
    if resolved.errors:
        raise CannotRun(*(str(error) for error in resolved.errors))
    return resolved


def interpreter_of(folder: Path, resolved: Resolved) -> Interpreter:
    """The interpreter that checks the folder's files.

    Raises:
        CannotRun: there is none.
    """
    try:
        return choose_interpreter(folder, resolved)
    except InterpreterError as error:
        raise CannotRun(str(error)) from error
