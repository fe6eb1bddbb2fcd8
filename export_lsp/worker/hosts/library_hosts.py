"""Hosts within the host, each with the modules that the runs of some files import.

A run tells what it has imported that is not the user's.  A fork of the host then imports it as
well, and the file's next runs are forked from there, so that they pay for the user's own files
only.  What no longer holds is not used: other imports in the user's files, or another environment.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping

from export_lsp.protocol import KEPT_HOSTS, Check, Imported, Traced
from export_lsp.worker.hosts.import_set import Recipe
from export_lsp.worker.hosts.nested_host import InnerHost, Keeper, Serve, Wanted
from export_lsp.worker.system.process_title import call_this
from export_lsp.worker.user_code.imports import statements

# So few modules are imported faster than it takes to have them ready.
LEAST = 20


class Preloading(Keeper):
    """Which hosts there are with others' modules, and which files' runs they are for."""

    def __init__(self, serve: Serve) -> None:
        super().__init__(KEPT_HOSTS)
        self._serve = serve
        self._recipes: dict[str, Recipe] = {}
        self._statements: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._refused: set[Recipe] = set()
        self._wanted: Recipe | None = None

    def host_for(self, check: Check) -> InnerHost | None:
        recipe = self._recipes.get(check.file)
        host = self._host(recipe) if recipe is not None else None
        if host is None:
            return None
        if any(_statements_of(file, check) != said for file, said in self._said(check.file)):
            return None
        return self._used(host, check)

    def imported(self, check: Check, imported: Imported, host: InnerHost | None) -> None:
        self._statements[check.file] = imported.statements
        if len(imported.modules) < LEAST:
            return
        there = dict(host.recipe.modules) if host is not None else {}
        recipe = Recipe.of(check, {**there, **imported.modules})
        self._recipes[check.file] = recipe
        if recipe not in self._refused and self._host(recipe) is None:
            self._wanted = recipe

    def declined(self, check: Check, host: InnerHost) -> None:
        """No run declines what it would import itself."""

    def traced(self, check: Check, traced: Traced) -> None:
        """No library is called alone."""

    def next(self) -> Wanted | None:
        recipe, self._wanted = self._wanted, None
        if recipe is None:
            return None
        return Wanted(recipe, functools.partial(self._make, recipe))

    def _refuse(self, host: InnerHost) -> None:
        self._refused.add(host.recipe)

    def _make(self, recipe: Recipe) -> Serve | None:
        call_this("libs")
        return self._serve if _preload(recipe) else None

    def _said(self, file: str) -> Iterable[tuple[str, tuple[str, ...]]]:
        return self._statements.get(file, {}).items()

    def _host(self, recipe: Recipe) -> InnerHost | None:
        return next((host for host in self._alive() if host.recipe == recipe), None)


def _statements_of(file: str, check: Check) -> tuple[str, ...] | None:
    try:
        if file in check.texts:
            return statements(check.texts[file])
        with open(file, encoding="utf-8", errors="replace", newline="") as stream:
            return statements(stream.read())
    except OSError:
        return None


def _preload(recipe: Recipe) -> bool:
    """Import the modules; whether this process has what the run had."""
    sys.path[:0] = recipe.paths
    os.environ.update(recipe.environment)
    with _one_thread():
        for name, _ in recipe.modules:
            # What a run could import it can import again, or it was never the module's own name.
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    for path in recipe.paths:
        with contextlib.suppress(ValueError):
            sys.path.remove(path)
    return all(
        getattr(sys.modules.get(name), "__file__", file) == file for name, file in recipe.modules
    )


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Within, libraries that start a thread a core when they are imported do not."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    ours = [name for name in names if name not in os.environ]
    os.environ.update(dict.fromkeys(ours, "1"))
    yield
    for name in ours:
        os.environ.pop(name, None)
