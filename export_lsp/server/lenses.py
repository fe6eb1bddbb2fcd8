"""The code lenses over calls of torch's exporters: "Check this export"."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from export_lsp.exports import WORD, export_calls
from export_lsp.server.client import SECTION
from export_lsp.server.encodings import Encoding, to_client
from export_lsp.source import Source

TITLE = "Check this export"
TOOLTIP = "Runs the file up to its exports: now, and on each save for as long as it is open."

# What says in the arguments of ``exportLsp.check`` that a file is to be run as a script.
AS_SCRIPT = {"main": True}


def lenses(uri: str, lines: Sequence[str], encoding: Encoding) -> list[types.CodeLens]:
    """One over each call that running the file may come to; none while it does not parse.

    ``textDocument/codeLens``
    """
    text = "".join(lines)
    if WORD.search(text) is None:
        return []
    source = Source(uri, "", text)
    if source.tree is None:
        return []
    command = types.Command(TITLE, f"{SECTION}.check", tooltip=TOOLTIP, arguments=[uri, AS_SCRIPT])
    places = [source.node(call.func) for call in export_calls(source.tree)]
    return [
        types.CodeLens(
            types.Range(*(to_client(lines, at, encoding) for at in (place.start, place.end))),
            command,
        )
        for place in places
    ]


def wants_script(arguments: Sequence[object]) -> bool:
    """Whether a command ``exportLsp.check`` came from a lens."""
    return AS_SCRIPT in arguments
