"""The files to check: those named by path, and the Python files of folders.

Files of a folder that the setting `exclude` matches are left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pathspec import GitIgnoreSpec

from export_lsp.cli.failure import CannotRun
from export_lsp.cli.folders import folder_of, settings_of
from export_lsp.cli.outcome import Job
from export_lsp.engine.selection import may_declare_target
from export_lsp.export_calls import EXPORT_WORD
from export_lsp.settings import Resolved


def plan(paths: Sequence[Path], overrides: Mapping[str, Any]) -> list[Job]:
    """A job for each file that the paths stand for, each file once.

    Raises:
        CannotRun: a path does not exist, is no Python file, or its settings do not fit.
    """
    jobs: dict[Path, Job] = {}
    resolved: dict[Path, Resolved] = {}

    def settings(folder: Path) -> Resolved:
        if folder not in resolved:
            resolved[folder] = settings_of(folder, overrides)
        return resolved[folder]

    for path in paths:
        absolute = Path(os.path.abspath(path))
        named = absolute.is_file()
        files = [absolute] if named else _in_folder(absolute, path, settings)
        for file in files:
            if file.suffix != ".py":
                raise CannotRun(f"{path} is no Python file.")
            folder = folder_of(file)
            job = Job(file, folder, settings(folder), named)
            jobs[file] = job if named else jobs.get(file, job)
    return list(jobs.values())


def _in_folder(root: Path, given: Path, settings: Callable[[Path], Resolved]) -> Iterator[Path]:
    if not root.is_dir():
        raise CannotRun(f"{given} does not exist.")
    folder = folder_of(root)
    here = settings(folder)
    for file in python_files(root, exclusion(here.settings.exclude, folder, root)):
        its = settings(folder_of(file))
        text = _source(file)
        exports = its.settings.run_main and EXPORT_WORD.search(text) is not None
        if file in its.targets or exports or may_declare_target(text):
            yield file


def _source(file: Path) -> str:
    """The file's text, good enough to look for ASCII names in any encoding Python reads."""
    try:
        return file.read_bytes().decode("latin-1")
    except OSError:
        return ""  # what it says is told when it is checked


def python_files(root: Path, excluded: Callable[[Path], bool]) -> Iterator[Path]:
    """The Python files below `root` in a stable order, not looking into what is excluded."""
    for directory, folders, files in os.walk(root):
        here = Path(directory)
        folders[:] = sorted(name for name in folders if not excluded(here / name))
        for name in sorted(files):
            if name.endswith(".py") and not excluded(here / name):
                yield here / name


def exclusion(patterns: Iterable[str], folder: Path, root: Path) -> Callable[[Path], bool]:
    """Whether a path below `root` is excluded by patterns as in .gitignore.

    The patterns are relative to `folder`, but to `root` where that is itself excluded or lies
    elsewhere: whoever names a hidden folder means it.
    """
    spec = GitIgnoreSpec.from_lines(patterns)

    def matches(path: Path, base: Path) -> bool:
        relative = path.relative_to(base).as_posix()
        return spec.match_file(f"{relative}/" if path.is_dir() else relative)

    inside = root != folder and root.is_relative_to(folder)
    base = folder if inside and not matches(root, folder) else root
    return lambda path: matches(path, base)
