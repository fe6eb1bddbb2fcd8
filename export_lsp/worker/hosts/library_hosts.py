"""Library hosts: nested hosts that have imported the libraries of some files.

A run reports the modules that it has imported before the first effect of the user's code.  A fork
of the host then imports them too, in the same order, and later runs of the file are forked from
there.  A library host is passed over when the user's files import something else, and retired when
a run declines its check since something that the libraries have looked at has changed.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

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
        self._planned: HostPlan | None = None

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
            if host is None:
                self._imports.pop(check.file, None)
            return
        before = dict(host.imports.modules) if host is not None else {}
        imports = ImportSet.of(check, {**before, **imported.modules})
        self._imports[check.file] = imports
        if self.pool.accepts(imports):
            prepare = functools.partial(self._prepare, check, imports)
            self._planned = HostPlan(imports, imports, prepare)

    def traced(self, check: Check, traced: Traced) -> None:
        """Do nothing: calls matter where a model is built."""

    def next_plan(self) -> HostPlan | None:
        plan, self._planned = self._planned, None
        return plan

    def _prepare(self, check: Check, imports: ImportSet) -> HostMain | None:
        # Here: it imports torch, and hosts are imported before it is known whether that works.
        from export_lsp.worker.check.preloading import preload

        set_process_title("libs")
        return self._serve if preload(check, imports.modules) else None


def _statements_of(file: str, check: Check) -> tuple[str, ...] | None:
    """The import statements of a file as a check reads it; None if it cannot be read."""
    try:
        if file in check.texts:
            return statements(check.texts[file])
        with open(file, encoding="utf-8", errors="replace", newline="") as stream:
            return statements(stream.read())
    except OSError:
        return None
