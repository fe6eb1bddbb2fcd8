"""From symbols to the user's names: where data came from, what a size is called."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field

from export_lsp.worker import locate
from export_lsp.worker.locate import Frame
from export_lsp.worker.private import symbolic_shapes
from export_lsp.worker.workspace import Workspace

SYMBOL = re.compile(r"\b(?:u|zuf|zf|s)\d+\b")


@dataclass
class Symbols:
    """The unbacked symbols of one export and the user's frames that made each, outermost first."""

    workspace: Workspace
    origins: dict[str, list[Frame]] = field(default_factory=dict)

    def note(self, symbol: str) -> None:
        frames = locate.current_frames(sys._getframe(1), self.workspace)
        if frames:
            self.origins.setdefault(symbol, frames)

    def recording(self) -> symbolic_shapes.Recording:
        """Within, every unbacked symbol that is created is noted with its origin."""
        return symbolic_shapes.Recording(self.note)

    def origin(self, symbols: list[str]) -> Frame | None:
        """The innermost frame that made the first of the symbols whose origin is known."""
        for symbol in symbols:
            if symbol in self.origins:
                return self.origins[symbol][-1]
        return None
