"""Selects the files to check: those named, and in folders those that may declare a target."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export_lsp import regular_files
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.folders import folder_of, settings_of
from export_lsp.cli.jobs import Job
from export_lsp.engine.files.python_files import python_files
from export_lsp.engine.selection import may_declare_target
from export_lsp.export_calls import EXPORT_WORD
from export_lsp.settings import Resolved, excluded

# The errors of reading what is not a regular file, a link to nothing or a loop of links.
_NO_FILE = (errno.EINVAL, errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


@dataclass(frozen=True)
class SelectedJobs:
    """The jobs, and why other files are not checked.

    `passed_over` are the files of folders that declare no target.  `mistakes` are those in the
    settings of folders whose files are not checked, and files and folders that cannot be read.
    """

    jobs: Sequence[Job]
    passed_over: Sequence[Path]
    mistakes: Sequence[str]


def jobs_for(paths: Sequence[Path], overrides: Mapping[str, Any]) -> SelectedJobs:
    """Return a job for each file that the paths stand for, each file once; see `select`.

    Raises:
        CannotRun: A path does not exist or is not a Python file, or only folders were selected
            whose settings are wrong.
    """
    selected = select(paths, overrides)
    if selected.mistakes and not selected.jobs:
        raise CannotRun(*selected.mistakes)
    return selected


def select(paths: Sequence[Path], overrides: Mapping[str, Any]) -> SelectedJobs:
    """Return a job for each file that the paths stand for, each file once.

    Args:
        paths: Python files, and folders in which all files are checked that declare a target.
        overrides: The settings given on the command line.

    Raises:
        CannotRun: A path does not exist or is not a Python file.
    """
    folders = _Folders(overrides)
    jobs: dict[Path, Job] = {}
    passed_over: list[Path] = []
    for path in paths:
        absolute = Path(os.path.abspath(path))
        named = os.path.isfile(absolute)
        files = [absolute] if named else _files_in(absolute, path, folders, passed_over)
        for file in files:
            if file.suffix != ".py":
                raise CannotRun(f"{path} is not a Python file.")
            folder = folder_of(file)
            resolved = folders.settings(folder)
            if resolved is None:
                continue
            job = Job(file, folder, resolved, named)
            jobs[file] = job if named else jobs.get(file, job)
    return SelectedJobs(list(jobs.values()), passed_over, list(folders.mistakes))


class _Folders:
    """The settings of workspace folders; mistakes in those of one do not affect the others.

    `mistakes` are the messages about them, and about what cannot be read, each once.
    """

    def __init__(self, overrides: Mapping[str, Any]) -> None:
        self._overrides = overrides
        self._resolved: dict[Path, Resolved | None] = {}
        self.mistakes: dict[str, None] = {}

    def unreadable(self, error: OSError) -> None:
        """Note that something cannot be read; a pipe or a link to nothing is no file at all."""
        if error.errno not in _NO_FILE:
            path = os.fsdecode(error.filename)
            self.mistakes[f"{path} cannot be read: {error.strerror}."] = None

    def settings(self, folder: Path) -> Resolved | None:
        """Return the settings of a folder, None if they are wrong."""
        if folder not in self._resolved:
            try:
                self._resolved[folder] = settings_of(folder, self._overrides)
            except CannotRun as error:
                self._resolved[folder] = None
                self.mistakes.update(dict.fromkeys(error.messages))
        return self._resolved[folder]


def _files_in(
    root: Path, given: Path, folders: _Folders, passed_over: list[Path]
) -> Iterator[Path]:
    """The files of a folder that may declare a target; `given` is the folder as it was named.

    The others are added to `passed_over`.  Folders whose settings are wrong are left out.
    """
    if not os.path.isdir(root):
        is_something = os.path.exists(root)
        reason = "is neither a regular file nor a folder" if is_something else "does not exist"
        raise CannotRun(f"{given} {reason}.")
    folder = folder_of(root)
    around = folders.settings(folder)
    if around is None:
        return
    excluded_below = exclusion(around.settings.exclude, folder, root)
    for file in python_files(root, excluded_below, folders.unreadable):
        own = folders.settings(folder_of(file))
        if own is None:
            continue
        try:
            checked = _is_checked(file, own)
        except OSError as error:
            folders.unreadable(error)
            continue
        if checked:
            yield file
        else:
            passed_over.append(file)


def _is_checked(file: Path, resolved: Resolved) -> bool:
    """Return whether a file of a folder is checked: it may declare a target, or is a script.

    Raises:
        OSError: It cannot be read.
    """
    # ASCII names can be found in it whatever its encoding.
    text = regular_files.read(file).decode("latin-1")
    exports = resolved.settings.run_main and EXPORT_WORD.search(text) is not None
    listed = file in resolved.targets or str(file) in resolved.settings.run_args
    return listed or exports or may_declare_target(text)


def job_in_folder(file: Path, overrides: Mapping[str, Any]) -> Job | None:
    """Return the job for a file that was found in a folder, None if it would be passed over.

    Raises:
        CannotRun: The settings of its folder are wrong.
    """
    folder = folder_of(file)
    resolved = settings_of(folder, overrides)
    if excluded(file, folder, resolved.settings.exclude):
        return None
    try:
        checked = _is_checked(file, resolved)
    except OSError:
        return None
    return Job(file, folder, resolved, named=False) if checked else None


def exclusion(patterns: tuple[str, ...], folder: Path, root: Path) -> Callable[[Path], bool]:
    """Return a function that tells whether a path below `root` is excluded.

    The patterns, as in .gitignore, are relative to the workspace folder.  If they exclude `root`
    itself, which the user has named, or `root` lies elsewhere, they are relative to `root`.
    """
    inside = root != folder and root.is_relative_to(folder)
    base = folder if inside and not excluded(root, folder, patterns) else root
    return lambda path: excluded(path, base, patterns)
