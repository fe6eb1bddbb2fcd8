"""What a finding's rule and the syntax at its place say of what may help, whoever found it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from export_lsp.protocol import Finding, Location, Remedy, RuleCode
from export_lsp.source import Source
from export_lsp.worker.remedies import registrations, rewrites
from export_lsp.worker.user_code.workspace import Workspace

BREAK = "graph_break()"
DISABLE = "disable"


def extended(finding: Finding, workspace: Workspace) -> Finding:
    """The finding with these remedies before its own."""
    source = workspace.source(finding.location.file)
    if source is None:
        return finding
    of_rule = BY_RULE.get(finding.rule)
    more = (
        *rewrites.remedies(source, finding.location),
        *(of_rule(source, finding.location, workspace) if of_rule is not None else ()),
    )
    return replace(finding, remedies=(*more, *finding.remedies)) if more else finding


def _graph_break(source: Source, place: Location, workspace: Workspace) -> Iterator[Remedy]:
    """A break that was asked for: by a call, or by a decorator of what is called."""
    text = source.excerpt(place)
    if text.endswith(BREAK):
        yield Remedy("remove", place)
    node = source.expression_at(place)
    if not isinstance(node, ast.Call):
        return
    name = ast.unparse(node.func).rpartition(".")[2]
    for other, function in registrations.definitions(ast.FunctionDef, workspace):
        for decorator in function.decorator_list if function.name == name else ():
            if DISABLE in ast.unparse(decorator):
                yield Remedy("remove", other.location_of(decorator))


def _state(source: Source, place: Location, workspace: Workspace) -> Iterator[Remedy]:
    yield Remedy("buffer", place)


BY_RULE: dict[RuleCode, Callable[[Source, Location, Workspace], Iterator[Remedy]]] = {
    "graph-break": _graph_break,
    "unregistered-state": _state,
}
