"""Library hosts: nested hosts that have imported the libraries of some files.

A run reports the modules that it has imported before the first effect of the user's code.  A fork
of the host then imports them too, in the same order, and later runs of the file are forked from
there, as are runs of other files of its folder that begin with the same imports.  A library host is
passed over when the user's files import something else, and retired when a run declines its check
since something that the libraries have looked at has changed.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass

from export_lsp.protocol import KEPT_LIBRARY_HOSTS, Check, Imported, Traced
from export_lsp.worker.hosts.host_kind import HostPool
from export_lsp.worker.hosts.import_set import FEWEST_MODULES, ImportSet
from export_lsp.worker.hosts.nested_host import HostMain, HostPlan, NestedHost
from export_lsp.worker.system.process_title import set_process_title
from export_lsp.worker.user_code.imports import same_imports, statements


@dataclass(frozen=True)
class _FileImports:
    """The imports of a file that was checked: the modules, and the statements of all its files."""

    imports: ImportSet
    statements: Mapping[str, tuple[str, ...]]


class LibraryHosts:
    """A `HostKind`: hosts with libraries imported, each for all files that import the same.

    `serve` serves such a host once its libraries are imported.
    """

    def __init__(self, serve: HostMain) -> None:
        self.pool = HostPool(KEPT_LIBRARY_HOSTS)
        self._serve = serve
        self._known: dict[str, _FileImports] = {}  # by the checked file
        self._alike: dict[tuple[str, tuple[str, ...]], str] = {}  # checked files
        self._planned: HostPlan | None = None

    def host_for(self, check: Check) -> NestedHost | None:
        imports = self._imports_of(check)
        return self.pool.use(imports, check) if imports is not None else None

    def plans_for(self, check: Check) -> bool:
        planned = self._planned
        if planned is None or check.file in self._known:
            return False
        return self._imports_of(check) == planned.imports

    def imported(self, check: Check, imported: Imported, host: NestedHost | None) -> None:
        if len(imported.modules) < FEWEST_MODULES:
            if host is None:
                self._known.pop(check.file, None)
            else:
                self._learn(check, imported, host.imports)
            return
        before = dict(host.imports.modules) if host is not None else {}
        imports = ImportSet.of(check, {**before, **imported.modules})
        self._learn(check, imported, imports)
        if self.pool.accepts(imports):
            prepare = functools.partial(self._prepare, check, imports)
            self._planned = HostPlan(imports, imports, prepare)

    def _learn(self, check: Check, imported: Imported, imports: ImportSet) -> None:
        self._known[check.file] = _FileImports(imports, imported.statements)
        if (own := imported.statements.get(check.file)) is not None:
            self._alike[os.path.dirname(check.file), same_imports(own)] = check.file

    def traced(self, check: Check, traced: Traced) -> None:
        """Do nothing: calls matter where a model is built."""

    def next_plan(self) -> HostPlan | None:
        plan, self._planned = self._planned, None
        return plan

    def _imports_of(self, check: Check) -> ImportSet | None:
        """The imports of a check's file, as those of its last run or of one that begins alike.

        None if none is known, or the user's files import something else now.
        """
        known = self._known.get(check.file)
        if known is None:
            own = _statements_of(check.file, check)
            if own is None:
                return None
            other = self._alike.get((os.path.dirname(check.file), same_imports(own)))
            known = self._known.get(other) if other is not None else None
            if known is None:
                return None
            known = _FileImports(
                known.imports,
                {file: then for file, then in known.statements.items() if file != other},
            )
        unchanged = all(
            _statements_of(file, check) == then for file, then in known.statements.items()
        )
        return known.imports if unchanged else None

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
