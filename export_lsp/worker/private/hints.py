"""``SymNode.has_hint`` and ``hint``: the size that a symbol has for the example inputs.

Seen in torch 2.6 to 2.13.  Without them the dynamic sizes of a fake kernel are not compared, and
calls with dynamic sizes are not recorded for early traces.
"""

from __future__ import annotations

from typing import Any


def size_hint(size: Any) -> int | None:
    """Return a size as a number, for a symbolic one its example's; None if it comes from data."""
    if isinstance(size, int):
        return size
    node = getattr(size, "node", None)
    if node is None or not getattr(node, "has_hint", bool)():
        return None
    hint = getattr(node, "hint", None)
    return int(hint) if isinstance(hint, int) else None
