"""The diagnostics of a file (LSP 3.17, Publish Diagnostics)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lsprotocol import types

from export_lsp.findings import Problem
from export_lsp.protocol import Location
from export_lsp.safe_text import for_editor
from export_lsp.server.editor.client import NAME, Supports
from export_lsp.server.problems import Shown
from export_lsp.server.view import View

# How much of torch's full text a diagnostic carries, in characters.
DETAIL_LIMIT = 20_000

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


def diagnostics(view: View, file: str) -> list[types.Diagnostic]:
    """Return all diagnostics of a file: its problems, or the hint that it is not checked."""
    found = [diagnostic(view, shown) for shown in view.shown_in(file)]
    hint = view.untrusted_hint(file)
    if hint is not None:
        top = types.Range(types.Position(0, 0), types.Position(0, 0))
        found.append(types.Diagnostic(top, hint, types.DiagnosticSeverity.Hint, source=NAME))
    return found


def diagnostic(view: View, shown: Shown) -> types.Diagnostic:
    """Return the diagnostic of a problem.

    It has the state of the search for fixes in its data: LSP cannot say that code actions have
    changed, but editors ask for them again when a diagnostic has.
    """
    made = to_diagnostic(
        shown.problem, range_of=view.range, uri_of=view.documents.uri_of, supports=view.supports
    )
    if made.data is not None:
        made.data["fix"] = shown.search
    return made


def to_diagnostic(
    problem: Problem,
    *,
    range_of: Callable[[Location], types.Range],
    uri_of: Callable[[str], str],
    supports: Supports,
) -> types.Diagnostic:
    """Return the diagnostic of a problem, without the parts that the client does not support.

    Args:
        problem: The problem, at its current place.
        range_of: Returns the range of a location as the client counts it.
        uri_of: Returns the URI that the client knows a file by.
        supports: The client's capabilities.
    """
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(uri_of(item.location.file), range_of(item.location)),
            for_editor(item.message),
        )
        for item in problem.related
        if supports.related
    ]
    link = supports.code_description and problem.url
    return types.Diagnostic(
        range=range_of(problem.location),
        message=for_editor(problem.message),
        severity=_SEVERITIES[problem.severity],
        code=problem.rule,
        code_description=types.CodeDescription(problem.url) if link else None,
        source=NAME,
        related_information=related or None,
        data=_data(problem) if supports.data else None,
    )


def _data(problem: Problem) -> dict[str, Any]:
    return {
        **{key: for_editor(text) for key, text in problem.data.items()},
        "stage": problem.stage,
        "modes": list(problem.modes),
        "targets": list(problem.targets),
        "detail": for_editor(problem.detail)[:DETAIL_LIMIT],
    }
