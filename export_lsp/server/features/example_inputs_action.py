"""The action that looks for example inputs of a model that has none."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from export_lsp.findings import Problem
from export_lsp.protocol import RuleCode
from export_lsp.server.editor.client import SECTION
from export_lsp.server.view import View

TITLE = "Export: add example inputs…"
COMMAND = f"{SECTION}.exampleInputs"
RULE: RuleCode = "no-target"


def adding(view: View, problem: Problem) -> Iterator[types.CodeAction]:
    """Yield the action for the hint at a model without example inputs; none for other problems."""
    if problem.rule == RULE and _is_at_class(view, problem):
        uri = view.documents.uri_of(problem.location.file)
        command = types.Command(TITLE, COMMAND, arguments=[uri])
        yield types.CodeAction(TITLE, kind=types.CodeActionKind.QuickFix, command=command)


def _is_at_class(view: View, problem: Problem) -> bool:
    """Return whether a problem is at the name of a class, and not at an export."""
    lines = view.lines(problem.location.file)
    row = problem.location.start.line
    return row < len(lines) and lines[row].lstrip().startswith("class ")
