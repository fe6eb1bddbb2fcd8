"""Remedies that follow from a finding's rule and the syntax at its location alone."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from export_lsp.protocol import Finding, Location, Remedy, RuleCode
from export_lsp.source import Source
from export_lsp.worker.remedies import backend_rewrites, registrations, rewrites
from export_lsp.worker.user_code.workspace import Workspace

BREAK = "graph_break()"
DISABLE = "disable"


def extended(finding: Finding, workspace: Workspace) -> Finding:
    """Return the finding with these remedies before its own.

    There are none for a failure in a library: what the user wrote is not what fails.
    """
    source = workspace.source(finding.location.file)
    if source is None or finding.library is not None:
        return finding
    of_rule = BY_RULE.get(finding.rule)
    added = (
        *rewrites.remedies(source, finding.location),
        *(of_rule(source, finding.location, workspace) if of_rule is not None else ()),
    )
    return replace(finding, remedies=(*added, *finding.remedies)) if added else finding


def _remove_graph_break(
    source: Source, location: Location, workspace: Workspace
) -> Iterator[Remedy]:
    """Remove an intended break: a call, or a decorator of the function that is called."""
    text = source.excerpt(location)
    if text.endswith(BREAK):
        yield Remedy("remove", location)
    node = source.expression_at(location)
    if not isinstance(node, ast.Call):
        return
    name = ast.unparse(node.func).rpartition(".")[2]
    for other, function in registrations.definitions(ast.FunctionDef, workspace):
        for decorator in function.decorator_list if function.name == name else ():
            if DISABLE in ast.unparse(decorator):
                yield Remedy("remove", other.location_of(decorator))


def _register_buffer(source: Source, location: Location, workspace: Workspace) -> Iterator[Remedy]:
    yield Remedy("buffer", location)


BY_RULE: dict[RuleCode, Callable[[Source, Location, Workspace], Iterator[Remedy]]] = {
    "backend-unsupported": backend_rewrites.remedies,
    "graph-break": _remove_graph_break,
    "unregistered-state": _register_buffer,
}
