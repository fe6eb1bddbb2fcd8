"""Looks for fixes beside a check, and proves them by trials.

`search` merges the events of a check and of the search.  `prover` tries the candidates of one
finding, `fix_all_prover` the fixes of all findings together, and both run their `trials`.
"""

from __future__ import annotations

from export_lsp.engine.fixing.events import (
    Budget,
    Event,
    FixAllFound,
    FixEvent,
    FixExpected,
    FixFound,
    NoFixFound,
)
from export_lsp.engine.fixing.search import with_fixes

__all__ = [
    "Budget",
    "Event",
    "FixAllFound",
    "FixEvent",
    "FixExpected",
    "FixFound",
    "NoFixFound",
    "with_fixes",
]
