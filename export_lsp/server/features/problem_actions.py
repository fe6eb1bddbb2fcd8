"""The code actions of a problem besides its fixes.

They say why there is no fix, show the rule's page and torch's own text, ignore the problem, and set
the severity of its rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from export_lsp import ignores
from export_lsp.findings import Problem
from export_lsp.protocol import Location, Position
from export_lsp.safe_text import for_editor
from export_lsp.server.editor.client import SECTION
from export_lsp.server.features import hover
from export_lsp.server.features.workspace_edits import workspace_edit
from export_lsp.server.problems import Shown
from export_lsp.server.view import View

_FIX = types.CodeActionKind.QuickFix.value
EXPLAIN = f"{_FIX}.explain"
DETAIL = f"{_FIX}.detail"
IGNORE = f"{_FIX}.ignore"
SEVERITY = f"{_FIX}.severity"

LOOKING = "Looking for a fix…"
NOT_YET = "edits are still being tried; the fix appears here once one is proved"
# Why there is no fix where the results do not tell.
BROKEN_OFF = "the search was broken off; the next check looks again"
OUT_OF_DATE = "the text has changed since one was proved; saving looks again"


def absent_fix(view: View, shown: Shown) -> types.CodeAction | None:
    """Return the disabled action that says why a problem has no fix that could be applied.

    None if the problem is none that a check has found, or the client does not show such actions.
    """
    if not shown.sources or not view.supports.disabled:
        return None
    if shown.search == "open" and any(
        view.is_being_checked(source.owner) for source in shown.sources
    ):
        return _disabled(LOOKING, NOT_YET)
    reasons = [source.reported.no_fix for source in shown.sources if source.reported.no_fix]
    unknown = OUT_OF_DATE if shown.search == "found" else BROKEN_OFF
    # Where several targets met the problem, the first whose search has tried anything.
    reason = max(reasons, key=lambda reason: "tried" in reason, default=unknown)
    return _disabled(f"No fix found: {reason}", reason)


def _disabled(title: str, reason: str) -> types.CodeAction:
    return types.CodeAction(
        for_editor(title), kind=_FIX, disabled=types.CodeActionDisabled(for_editor(reason))
    )


def explanation(problem: Problem) -> types.CodeAction:
    """Return the action that shows the page of a problem's rule."""
    title = f"Explain rule `{problem.rule}`"
    command = types.Command(title, f"{SECTION}.explain", arguments=[problem.rule])
    return types.CodeAction(title, kind=EXPLAIN, command=command)


def detail(view: View, problem: Problem) -> Iterator[types.CodeAction]:
    """Yield the action that opens torch's own text, where a hover has only a part of it."""
    if hover.is_folded(problem):
        title = f"{hover.SHOW_DETAIL} about `{problem.rule}`"
        start = view.range(problem.location).start
        place = [view.documents.uri_of(problem.location.file), start.line, start.character]
        command = types.Command(title, f"{SECTION}.showDetail", arguments=[problem.rule, *place])
        yield types.CodeAction(title, kind=DETAIL, command=command)


def severity(view: View, problem: Problem) -> types.CodeAction:
    """Return the action that asks for the severity of a problem's rule, and sets it."""
    title = f"Set severity of `{problem.rule}`…"
    uri = view.documents.uri_of(problem.location.file)
    command = types.Command(title, f"{SECTION}.setSeverity", arguments=[uri, problem.rule])
    return types.CodeAction(title, kind=SEVERITY, command=command)


def ignoring(view: View, problem: Problem) -> Iterator[types.CodeAction]:
    """Yield the action that adds a comment which ignores a problem, where one can stand."""
    if problem.rule == ignores.RULE:
        return
    file = problem.location.file
    found = ignores.insertion(problem.rule, problem.location, view.lines(file))
    if found is not None:
        where = Position(found.line, found.column)
        edit = types.TextEdit(view.range(Location(file, where, where)), found.text)
        yield types.CodeAction(
            f"Ignore `{problem.rule}` in this line",
            kind=IGNORE,
            edit=workspace_edit(view, {file: [edit]}),
        )
