"""Source text that marks a location with «…», for tests of edits."""

from __future__ import annotations

from export_lsp.protocol import Location
from export_lsp.source import Source

FILE = "/project/model.py"


def parse_marked(text: str) -> tuple[Source, Location]:
    """Return the text without the marks «…», and the location between them."""
    start, end = text.index("«"), text.index("»") - 1
    source = Source(FILE, "", text.replace("«", "").replace("»", ""))
    return source, Location(FILE, source.position_at(start), source.position_at(end))
