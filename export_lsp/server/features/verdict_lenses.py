"""Code lenses with the verdict on each target, over its declaration (LSP 3.17, Code Lens)."""

from __future__ import annotations

from lsprotocol import types

from export_lsp.protocol import Location, Position
from export_lsp.safe_text import for_editor
from export_lsp.server.editor.client import SECTION
from export_lsp.server.editor.documents import Document
from export_lsp.server.features.verdicts import tooltip
from export_lsp.server.view import View
from export_lsp.verdicts.files import NO_INPUTS, not_checked
from export_lsp.verdicts.verdict import Verdict


def verdict_lenses(view: View, document: Document) -> list[types.CodeLens]:
    """Return a lens for each target of a document; a click checks the file again.

    A second one opens the graph of a target that exports, if the client can show it.  A target that
    pyproject.toml declares has its lens in the first line.  A model without example inputs has one
    too.
    """
    file = str(document.path)
    found = view.verdicts.of(document.path)
    if found is None:
        return []
    first = Location(file, Position(0, 0), Position(0, 0))
    lenses = []
    for target in found.targets:
        if target.location is not None:
            place = target.location if target.location.file == file else first
            name = f"{target.name}: " if len(found.targets) > 1 else ""
            lenses.append(_lens(view, document, place, name, target.verdict))
            if view.supports.graphs and target.verdict.state in ("exports", "warns"):
                lenses.append(_graph_lens(view, document, place, target.name))
    if found.location is not None and found.verdict == not_checked(NO_INPUTS):
        lenses.append(_lens(view, document, found.location, "", found.verdict))
    return lenses


def _graph_lens(view: View, document: Document, place: Location, target: str) -> types.CodeLens:
    command = types.Command(
        "graph",
        f"{SECTION}.openGraph",
        tooltip="Opens the exported program beside the code it comes from.",
        arguments=[document.uri, target],
    )
    return types.CodeLens(view.range(place.beginning), command)


def _lens(
    view: View, document: Document, place: Location, name: str, verdict: Verdict
) -> types.CodeLens:
    line = " · ".join(filter(None, (verdict.line, verdict.sizes, verdict.cost)))
    command = types.Command(
        for_editor(f"{name}{line}"),
        f"{SECTION}.check",
        tooltip=for_editor(tooltip(verdict)),
        arguments=[document.uri],
    )
    return types.CodeLens(view.range(place.beginning), command)
