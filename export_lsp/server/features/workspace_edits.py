"""Edits of documents as the client takes them (LSP 3.17, Workspace Edit)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lsprotocol import types

from export_lsp.engine.results.line_remapping import LineRemappings
from export_lsp.engine.results.owner_result import Offer
from export_lsp.server.view import View


def edit_of(view: View, offer: Offer) -> types.WorkspaceEdit | None:
    """Return the edits of a fix in the current texts; None if they no longer fit."""
    now = offer.anchored.now(LineRemappings(view.lines))
    if now is None:
        return None
    by_file: dict[str, list[types.TextEdit]] = {}
    for edit in now.value.edits:
        text_edit = types.TextEdit(view.range(edit.location), edit.text)
        by_file.setdefault(edit.location.file, []).append(text_edit)
    return workspace_edit(view, by_file)


def workspace_edit(
    view: View, by_file: Mapping[str, Sequence[types.TextEdit]]
) -> types.WorkspaceEdit:
    """Return edits of files, versioned if the client supports that."""
    uri_of = view.documents.uri_of
    if not view.supports.document_changes:
        return types.WorkspaceEdit({uri_of(file): list(edits) for file, edits in by_file.items()})
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(uri_of(file), _version(view, file)),
                list(edits),
            )
            for file, edits in by_file.items()
        ]
    )


def _version(view: View, file: str) -> int | None:
    document = view.documents.get(Path(file))
    return document.version if document is not None else None
