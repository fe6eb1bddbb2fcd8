"""Fixes proved beside a check: the candidates of each finding, and all of them together."""

from __future__ import annotations

from export_lsp.server.fixing.fixing import with_fixes
from export_lsp.server.fixing.offered import Budget, Event, Expected, Offered, OfferedWhole

__all__ = ["Budget", "Event", "Expected", "Offered", "OfferedWhole", "with_fixes"]
