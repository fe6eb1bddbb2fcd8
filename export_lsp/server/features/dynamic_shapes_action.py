"""The action that looks for dynamic shapes of a target that declares none."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from export_lsp.engine.results.checked_facts import outcomes_of
from export_lsp.protocol import Outcome
from export_lsp.safe_text import for_editor
from export_lsp.server.editor.client import SECTION
from export_lsp.server.editor.documents import Document
from export_lsp.server.view import View

COMMAND = f"{SECTION}.dynamicShapes"
KIND = types.CodeActionKind.RefactorRewrite.value


def adding(view: View, document: Document, place: types.Range) -> Iterator[types.CodeAction]:
    """Yield the action for each target that is declared in the lines of a range."""
    verdict = view.verdicts.of(document.path)
    for target in verdict.targets if verdict is not None else ():
        at = target.location
        if at is None or at.file != str(document.path):
            continue
        declared = view.range(at)
        if place.start.line <= declared.start.line <= place.end.line and any(
            target.name in found and _is_static(found[target.name].value)
            for found in (outcomes_of(results[document.path]) for results in view.results)
        ):
            title = for_editor(f"Export: add dynamic shapes to {target.name}…")
            command = types.Command(title, COMMAND, arguments=[document.uri, target.name])
            yield types.CodeAction(title, kind=KIND, command=command)


def _is_static(outcome: Outcome) -> bool:
    """Return whether a target exports, with sizes that do not vary."""
    return not outcome.dynamic and "exports" in outcome.modes.values()
