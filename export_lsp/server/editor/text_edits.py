"""Edits of files as the client counts positions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types

from export_lsp.fixes.edits import Edit
from export_lsp.server.editor.documents import Documents
from export_lsp.server.editor.encodings import to_client


def text_edits(documents: Documents, edits: Iterable[Edit]) -> dict[str, list[types.TextEdit]]:
    """Return edits of the texts on disk, by the URIs that the client knows their files by."""
    found: dict[str, list[types.TextEdit]] = {}
    for edit in edits:
        place = edit.location
        lines = documents.lines_on_disk(place.file)
        encoding = documents.encoding
        start, end = (to_client(lines, each, encoding) for each in (place.start, place.end))
        uri = documents.uri_of(place.file)
        found.setdefault(uri, []).append(types.TextEdit(types.Range(start, end), edit.text))
    return found


def is_saved(documents: Documents, file: Path) -> bool:
    """Return whether a file is closed, or open with the text that it has on disk."""
    document = documents.get(file)
    on_disk = documents.lines_on_disk(str(file))
    return document is None or list(document.lines) == on_disk
