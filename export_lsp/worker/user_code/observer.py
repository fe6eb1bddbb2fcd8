"""Observes which files, directories, variables and modules the code in this process looks at.

A result holds only as long as all of that is the same.
"""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
from collections.abc import Callable
from threading import get_ident
from typing import Any

from export_lsp.observed import Aspect, States, key, variable_text
from export_lsp.protocol import TEMPORARY_FILES
from export_lsp.worker.user_code.libraries import OWN, TORCH

# Folders of the system whose files only look like files.
_NOT_FILES = ("/proc/", "/sys/", "/dev/")
# Packages that are installed with torch.
_TORCHS_OWN = tuple(
    os.path.join(os.path.dirname(TORCH[:-1]), name, "") for name in ("functorch", "torchgen")
)


class Observer:
    """The observations of this process by key (see `export_lsp.observed`); the first one counts.

    `unaccounted` says why a result cannot be remembered at all, "" if it can.  The first
    `inherited` observations are those of the host that this process was forked from.
    """

    def __init__(self) -> None:
        self.observed: dict[str, str] = {}
        self.unaccounted = ""
        self.inherited = 0
        self._states = States()
        self._own_output: set[str] = set()
        self._busy: set[int] = set()
        self._variables = dict(os.environ)
        self._temporary = os.environ.get(TEMPORARY_FILES, os.devnull)

    def first_change(self) -> str | None:
        """Return the key of an observation that is no longer so; None if all still are.

        Variables are left out: this process may have set them itself.
        """
        paths = {k: text for k, text in self.observed.items() if not k.startswith("environment:")}
        return self._states.first_change(paths)

    def guarded(self, note: Callable[..., None], *arguments: Any) -> None:
        """Call a function that notes something; its own looks are not observed.

        Nothing is raised, as the caller is user code.
        """
        thread = get_ident()
        if thread in self._busy:
            return
        self._busy.add(thread)
        try:
            note(*arguments)
        except Exception as error:
            self.cannot_account_for(f"what it looks at cannot be followed: {error!r}")
        finally:
            self._busy.discard(thread)

    def cannot_account_for(self, reason: str) -> None:
        """Note why the result depends on more than can be looked at again."""
        self.unaccounted = self.unaccounted or reason

    def look(self, aspect: Aspect, subject: Any) -> None:
        """Note the state of a path, unless it is known, or was written by this process."""
        path = absolute(subject)
        observation = key(aspect, path)
        if observation in self.observed or is_fixed(path) or self._is_own_output(path):
            return
        if path.startswith(self._temporary):
            return  # empty when the run begins, and gone after it
        self.observed[observation] = self._states.now(observation)

    def read_variable(self, name: str) -> None:
        """Note the value that a variable had outside of this process."""
        self.observed[key("environment", name)] = variable_text(self._variables.get(name))

    def write(self, subject: Any) -> None:
        """Note that this process writes a path: what it reads there later is its own."""
        path = absolute(subject)
        if not any(key(aspect, path) in self.observed for aspect in ("content", "kind", "stamp")):
            self._own_output.add(path)

    def _is_own_output(self, path: str) -> bool:
        while self._own_output and path not in self._own_output:
            parent = os.path.dirname(path)
            if parent == path:
                return False
            path = parent
        return bool(self._own_output)

    def search_module(self, name: str, folders: list[str]) -> None:
        """Note the folders of an import's search up to the one in which it finds the module."""
        package, _, last = name.rpartition(".")
        is_standard = not package and name in sys.stdlib_module_names
        for folder in map(absolute, folders):
            if is_fixed(os.path.join(folder, "")):
                if is_standard:
                    return
                continue
            observation = key("module", os.path.join(folder, last))
            found = self._states.now(observation)
            if found and is_installed(os.path.join(folder, "")):
                return
            self.observed.setdefault(observation, found)
            # A folder without `__init__.py` is a namespace package, and the search goes on.
            is_module = any(entry != last for entry in found.split(",")) and found != ""
            if is_module or os.path.exists(os.path.join(folder, last, "__init__.py")):
                return


def absolute(path: Any) -> str:
    """Return the absolute path of any kind of path."""
    return os.path.abspath(os.fsdecode(path))


def file_aspect(file: str) -> tuple[Aspect, str]:
    """Return how to observe that a file is read or imported.

    Of an installed package the metadata are enough: to read the thousands of files of a large one
    would take as long as to import it.
    """
    return ("stamp" if is_installed(file) else "content"), file


def is_installed(path: str) -> bool:
    """Return whether a path lies in a folder of installed packages."""
    return f"-packages{os.sep}" in path


@functools.lru_cache(maxsize=4096)
def is_fixed(path: str) -> bool:
    """Return whether a path belongs to Python, to torch or to this package, or is no file."""
    if path.startswith((*_NOT_FILES, TORCH, OWN)) or f"{os.sep}__pycache__{os.sep}" in path:
        return True
    # Installing and removing a package changes the folder that it lies in, which all results
    # depend on.
    if is_installed(path) and ".dist-info" in path:
        return True
    return path.startswith(_TORCHS_OWN) or is_standard_library(path)


def is_standard_library(path: str) -> bool:
    """Return whether a path belongs to Python."""
    return path.startswith(_standard_library()) and not is_installed(path)


@functools.cache
def _standard_library() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {paths["stdlib"], paths["platstdlib"], os.path.dirname(os.__file__)}
    return tuple(os.path.join(folder, "") for folder in folders)
