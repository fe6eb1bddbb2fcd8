"""The graph of an exported program as text."""

from __future__ import annotations

from dataclasses import dataclass

from export_lsp.protocol.places import Location


@dataclass(frozen=True)
class GraphLine:
    """A line of a graph's text; `location` is the user's expression that it comes from."""

    text: str
    location: Location | None = None
