"""Code lenses: verdicts, and over calls of torch's exporters "Check this export" (LSP 3.17)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from lsprotocol import types

from export_lsp.engine.results.anchored import Lines
from export_lsp.engine.selection import may_declare_target
from export_lsp.export_calls import EXPORT_WORD, by_target_name, export_calls
from export_lsp.protocol import Location
from export_lsp.server.editor.client import SECTION
from export_lsp.server.editor.encodings import Encoding, to_client
from export_lsp.server.features.verdict_lenses import verdict_lenses
from export_lsp.server.view import View
from export_lsp.source import Source

TITLE = "Check this export"
TOOLTIP = "Runs the file up to this export: now, and after saves for as long as it is open."

# The key of the export's name in an argument of the command ``exportLsp.check``.
EXPORT = "export"


async def code_lenses(view: View, params: types.CodeLensParams) -> list[types.CodeLens]:
    """Return the verdict on each target, and a lens for each export that a run may reach.

    ``textDocument/codeLens``.  A thread parses the file, as a long one takes a while.
    """
    document = view.document(params.text_document.uri)
    if document is None:
        return []
    verdicts = verdict_lenses(view, document)
    lines, encoding = list(document.lines), view.documents.encoding
    return [*verdicts, *await asyncio.to_thread(_lenses, document.uri, lines, encoding)]


def _lenses(uri: str, lines: Lines, encoding: Encoding) -> list[types.CodeLens]:
    """The lenses of a text; none if it does not parse, or if it may declare targets to check."""
    text = "".join(lines)
    if EXPORT_WORD.search(text) is None or may_declare_target(text):
        return []
    source = Source(uri, "", text)
    if source.tree is None:
        return []
    return [
        types.CodeLens(
            _range(source.location_of(call.func), lines, encoding),
            types.Command(
                TITLE, f"{SECTION}.check", tooltip=TOOLTIP, arguments=[uri, {EXPORT: name}]
            ),
        )
        for name, call in by_target_name(export_calls(source.tree)).items()
    ]


def _range(location: Location, lines: Lines, encoding: Encoding) -> types.Range:
    start, end = (to_client(lines, each, encoding) for each in (location.start, location.end))
    return types.Range(start, end)


def export_in(arguments: Sequence[object]) -> str:
    """Return the export that arguments of ``exportLsp.check`` name, "" if they are of no lens."""
    names = (each.get(EXPORT) for each in arguments if isinstance(each, dict))
    return next((name for name in names if isinstance(name, str)), "")
