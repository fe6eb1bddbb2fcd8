"""Fixes proved beside a check: the candidates of each finding, and all of them together."""

from __future__ import annotations

from export_lsp.engine.fixing.fixing import with_fixes
from export_lsp.engine.fixing.offered import Budget, Event, Expected, Offered, OfferedWhole

__all__ = ["Budget", "Event", "Expected", "Offered", "OfferedWhole", "with_fixes"]
