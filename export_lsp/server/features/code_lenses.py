"""The code lenses over calls of torch's exporters: "Check this export"."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from export_lsp.engine.selection import may_declare_target
from export_lsp.export_calls import EXPORT_WORD, by_target_name, export_calls
from export_lsp.protocol import Location
from export_lsp.server.client import SECTION
from export_lsp.server.encodings import Encoding, to_client
from export_lsp.source import Source

TITLE = "Check this export"
TOOLTIP = "Runs the file up to this export: now, and after saves for as long as it is open."

# What names the export in the arguments of ``exportLsp.check``.
EXPORT = "export"


def lenses(uri: str, lines: Sequence[str], encoding: Encoding) -> list[types.CodeLens]:
    """One over each call that running the file may come to; none while it does not parse, or
    where it may declare targets, which say what to check.

    ``textDocument/codeLens``
    """
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


def _range(place: Location, lines: Sequence[str], encoding: Encoding) -> types.Range:
    start, end = (to_client(lines, at, encoding) for at in (place.start, place.end))
    return types.Range(start, end)


def export_in(arguments: Sequence[object]) -> str:
    """The name of the export that a command ``exportLsp.check`` is about; "" if it is from no
    lens."""
    named_ones = (each.get(EXPORT) for each in arguments if isinstance(each, dict))
    return next((name for name in named_ones if isinstance(name, str)), "")
