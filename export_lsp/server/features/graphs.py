"""Documents of graphs, and the ways between their lines and the code that these come from.

``workspace/textDocumentContent`` (LSP 3.18) and a request of our own with the same parameters and
result, for clients that do not have it.
"""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from export_lsp.protocol import Location
from export_lsp.server.editor.encodings import from_client
from export_lsp.server.graph_uris import SCHEME, graph_name
from export_lsp.server.view import View

CONTENT = "exportLsp/textDocumentContent"
OPTIONS = types.TextDocumentContentOptions(schemes=[SCHEME])


async def content(view: View, params: Any) -> types.TextDocumentContentResult:
    """Return the text of a graph's document, "" for any other URI.

    ``workspace/textDocumentContent``
    """
    name = graph_name(str(getattr(params, "uri", "")))
    text = (await view.graphs.written(name)).text if name is not None else ""
    return types.TextDocumentContentResult(text)


def definition(view: View, params: types.DefinitionParams) -> types.Location | None:
    """Return the expression that a line of a graph's document comes from.

    ``textDocument/definition``
    """
    place = _place(view, params.text_document.uri, params.position)
    if place is None:
        return None
    return types.Location(view.documents.uri_of(place.file), view.range(place))


def references(view: View, params: types.ReferenceParams) -> list[types.Location] | None:
    """Return the lines of open graph documents that come from the expression at a position.

    ``textDocument/references``
    """
    document = view.document(params.text_document.uri)
    if document is None:
        return None
    position = from_client(document.lines, params.position, view.documents.encoding)
    at = Location(str(document.path), position, position)
    return [
        types.Location(name.uri, types.Range(types.Position(line, 0), types.Position(line, 0)))
        for name, line in view.graphs.lines_around(at)
    ]


def hover(view: View, params: types.HoverParams) -> types.Hover | None:
    """Return the code that a line of a graph's document comes from."""
    place = _place(view, params.text_document.uri, params.position)
    if place is None:
        return None
    line = view.lines(place.file)[place.start.line].strip()
    text = f"{view.name(place.file)}:{place.start.line + 1}  {line}"
    if not view.supports.markdown:
        return types.Hover(types.MarkupContent(types.MarkupKind.PlainText, text))
    fence = "`" * 3
    return types.Hover(
        types.MarkupContent(types.MarkupKind.Markdown, f"{fence}text\n{text}\n{fence}")
    )


def _place(view: View, uri: str, position: types.Position) -> Location | None:
    name = graph_name(uri)
    return view.graphs.place_of(name, position.line) if name is not None else None
