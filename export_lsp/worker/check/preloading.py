"""Import libraries ahead of runs, in the surroundings of a run.

A host may have imported other code than a run would import: the files and paths that the libraries
have looked at may have changed, and libraries may have asked for things that differ from file to
file.  A run that is forked from the host declines its check then.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from export_lsp.observed import subject_of
from export_lsp.protocol import Build, Check
from export_lsp.worker.check.process_setup import set_up_python
from export_lsp.worker.execution import device, seeds
from export_lsp.worker.private import fake_build
from export_lsp.worker.user_code import observing

_THREAD_SETTINGS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Preloaded:
    """The libraries that this process has imported, as the run of `check` would have done.

    `asked_for_file` is set if they have looked at ``sys.argv``, `made_fakes` if they have made
    parameters, which are fake or not as the check says.
    """

    check: Check
    asked_for_file: bool
    made_fakes: bool


# The libraries that this process has imported ahead, None if there are none.
_preloaded: Preloaded | None = None


def is_preloaded() -> bool:
    """Return whether this process has imported libraries ahead, with the seeds of a run."""
    return _preloaded is not None


def preload(check: Check, modules: Iterable[tuple[str, str]]) -> bool:
    """Import modules, given by name and file, in this process, which has run no user code.

    Returns:
        False if runs forked from here may compute something else than others.
    """
    global _preloaded
    observer = observing.observer()
    set_up_python(check)
    arguments = _Arguments(sys.argv)
    sys.argv = arguments
    seeds.seed_all(seeds.FILE)
    with device.build_context(_build(check)), _one_thread():
        for name, _ in modules:
            # A name in `sys.modules` that cannot be imported was put there by other code.
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    if sys.argv is not arguments or observer.unaccounted:
        return False
    asked_for_file = arguments.were_read  # the next line looks as well
    sys.argv = list(arguments)
    observer.inherited = len(observer.observed)
    _preloaded = Preloaded(check, asked_for_file, fake_build.any_fake_made())
    return all(getattr(sys.modules.get(name), "__file__", file) == file for name, file in modules)


def reason_to_decline(check: Check) -> str | None:
    """Return why a check may import something else than this process has imported, if it may."""
    if _preloaded is None:
        return None
    changed = observing.observer().first_change()
    if changed is not None:
        return f"{subject_of(changed)} has changed since a library has looked at it"
    if _preloaded.asked_for_file and check.file != _preloaded.check.file:
        return "a library has looked at the name of another file"
    if _preloaded.made_fakes and _build(check) != _build(_preloaded.check):
        return "a library has made parameters when it was imported"
    return None


def _build(check: Check) -> Build:
    return "real" if check.export else check.build


class _Arguments(list[str]):
    """``sys.argv``, which notes whether anybody looks at it."""

    were_read = False

    def __getitem__(self, index: Any) -> Any:
        self.were_read = True
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[str]:
        self.were_read = True
        return super().__iter__()

    def __len__(self) -> int:
        self.were_read = True
        return super().__len__()


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """While active, libraries that start one thread per core when imported start none.

    Only C code sees these variables, which are not in ``os.environ``.
    """
    unset = [name for name in _THREAD_SETTINGS if name not in os.environ]
    for name in unset:
        os.putenv(name, "1")
    yield
    for name in unset:
        os.unsetenv(name)
