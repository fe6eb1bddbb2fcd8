"""Inlay hints: the shapes of tensors beside the names they are assigned to (LSP 3.17, Inlay Hint).

A hint shows at most `LONGEST` characters; its tooltip and the hover have all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from lsprotocol import types

from export_lsp.protocol import Position, Value
from export_lsp.server.editor.encodings import from_client, to_client
from export_lsp.server.features.known import known_of
from export_lsp.server.features.value_text import calls_text
from export_lsp.server.view import View
from export_lsp.settings.schema import InsightHints

# In characters.
LONGEST = 40
ELLIPSIS = "…"

OPTIONS = types.InlayHintOptions(resolve_provider=True)


def inlay_hints(view: View, params: types.InlayHintParams) -> list[types.InlayHint]:
    """Return the hints in a range of an open document.

    ``textDocument/inlayHint``
    """
    document = view.document(params.text_document.uri)
    if document is None or view.hints_are_hidden:
        return []
    encoding = view.documents.encoding
    start = from_client(document.lines, params.range.start, encoding)
    end = from_client(document.lines, params.range.end, encoding)
    which = view.insight_hints(document)
    return [
        types.InlayHint(
            to_client(document.lines, value.after, encoding),
            label(value),
            types.InlayHintKind.Type,
            data={"uri": document.uri, "hint": index},
        )
        for index, value in enumerate(hinted(view.values(document), which))
        if start <= value.after <= end
    ]


def all_hints(view: View) -> tuple[tuple[Path, Position, str], ...]:
    """Return the hints of all open documents: path, position and label."""
    return tuple(
        (document.path, value.after, label(value))
        for document in view.documents
        if not view.hints_are_hidden
        for value in hinted(view.values(document), view.insight_hints(document))
    )


def resolve(view: View, hint: types.InlayHint) -> types.InlayHint:
    """Add the whole type to a hint.

    ``inlayHint/resolve``
    """
    data = hint.data if isinstance(hint.data, dict) else {}
    document = view.document(str(data.get("uri", "")))
    index = data.get("hint")
    if document is None or not isinstance(index, int):
        return hint
    values = list(hinted(view.values(document), view.insight_hints(document)))
    if 0 <= index < len(values) and label(values[index]) == hint.label:
        text = known_of(values[index], view.costs(document)).markdown
        hint.tooltip = types.MarkupContent(types.MarkupKind.Markdown, text)
    return hint


def hinted(values: Iterable[Value], which: InsightHints) -> Iterator[Value]:
    """Yield the values that have a hint.

    Args:
        values: The values of a file, in the order of their places.
        which: The setting ``insight-hints``.
    """
    last: dict[tuple[str, str], str] = {}
    for value in values:
        if not value.name or which == "off":
            continue
        variable = value.function, value.name
        if which == "all" or last.get(variable) != value.text:
            yield value
        last[variable] = value.text


def label(value: Value) -> str:
    """Return the text of a hint, of at most `LONGEST` characters: its middle is elided."""
    device = f" {value.device}" if value.unusual_device else ""
    text = f": {value.text}{device}{calls_text(value)}"
    if len(text) <= LONGEST:
        return text
    tail = (LONGEST - len(ELLIPSIS)) // 2
    return f"{text[: LONGEST - len(ELLIPSIS) - tail]}{ELLIPSIS}{text[-tail:]}"
