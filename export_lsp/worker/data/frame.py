"""A frame of the user's code."""

from __future__ import annotations

from dataclasses import dataclass

from export_lsp.protocol import Location


@dataclass(frozen=True)
class Frame:
    """One frame of the user's, with its exact expression."""

    location: Location
    function: str
