"""A stack frame of the user's code."""

from __future__ import annotations

from dataclasses import dataclass

from export_lsp.protocol import Location


@dataclass(frozen=True)
class Frame:
    """A stack frame in one of the user's files.

    `location` is the expression that the frame is at, `function` the name of its code object.
    """

    location: Location
    function: str
