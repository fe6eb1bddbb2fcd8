"""Library hosts: nested hosts that have imported the libraries of some files.

A run reports the modules it has imported that do not belong to the user.  A fork of the host then
imports them too, and later runs of the file are forked from there: they import the user's own files
only.  A library host is passed over when the user's files import something else, and retired when
the installed packages change.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Iterator, Mapping

from export_lsp.protocol import KEPT_LIBRARY_HOSTS, Check, Imported, Traced
from export_lsp.worker.hosts.host_kind import HostPool
from export_lsp.worker.hosts.import_set import FEWEST_MODULES, ImportSet
from export_lsp.worker.hosts.nested_host import HostMain, HostPlan, NestedHost
from export_lsp.worker.system.process_title import set_process_title
from export_lsp.worker.user_code.imports import statements


class LibraryHosts:
    """A `HostKind`: hosts with libraries imported, each for all files that import the same.

    `serve` serves such a host once its libraries are imported.
    """

    def __init__(self, serve: HostMain) -> None:
        self.pool = HostPool(KEPT_LIBRARY_HOSTS)
        self._serve = serve
        self._imports: dict[str, ImportSet] = {}  # by the checked file
        self._statements: dict[str, Mapping[str, tuple[str, ...]]] = {}  # by the checked file
        self._planned: ImportSet | None = None

    def host_for(self, check: Check) -> NestedHost | None:
        imports = self._imports.get(check.file)
        if imports is None or self.pool.find(imports) is None:
            return None
        statements_then = self._statements.get(check.file, {})
        if any(_statements_of(file, check) != then for file, then in statements_then.items()):
            return None
        return self.pool.use(imports, check)

    def imported(self, check: Check, imported: Imported, host: NestedHost | None) -> None:
        self._statements[check.file] = imported.statements
        if len(imported.modules) < FEWEST_MODULES:
            return
        before = dict(host.imports.modules) if host is not None else {}
        imports = ImportSet.of(check, {**before, **imported.modules})
        self._imports[check.file] = imports
        if self.pool.accepts(imports):
            self._planned = imports

    def traced(self, check: Check, traced: Traced) -> None:
        """Do nothing: calls matter where a model is built."""

    def next_plan(self) -> HostPlan | None:
        imports, self._planned = self._planned, None
        if imports is None:
            return None
        return HostPlan(imports, imports, functools.partial(self._prepare, imports))

    def _prepare(self, imports: ImportSet) -> HostMain | None:
        set_process_title("libs")
        return self._serve if _import_all(imports) else None


def _statements_of(file: str, check: Check) -> tuple[str, ...] | None:
    """The import statements of a file as a check reads it; None if it cannot be read."""
    try:
        if file in check.texts:
            return statements(check.texts[file])
        with open(file, encoding="utf-8", errors="replace", newline="") as stream:
            return statements(stream.read())
    except OSError:
        return None


def _import_all(imports: ImportSet) -> bool:
    """Import the modules; return whether they came from the same files as in the run."""
    sys.path[:0] = imports.paths
    os.environ.update(imports.environment)
    with _one_thread():
        for name, _ in imports.modules:
            # A name in `sys.modules` that cannot be imported was put there by other code.
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    for path in imports.paths:
        with contextlib.suppress(ValueError):
            sys.path.remove(path)
    return all(
        getattr(sys.modules.get(name), "__file__", file) == file for name, file in imports.modules
    )


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """While active, libraries that start one thread per core when imported start none."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    unset = [name for name in names if name not in os.environ]
    os.environ.update(dict.fromkeys(unset, "1"))
    yield
    for name in unset:
        os.environ.pop(name, None)
