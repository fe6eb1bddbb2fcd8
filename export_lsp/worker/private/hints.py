"""The size that a symbol has for the example inputs.

Seen in torch 2.6 to 2.13 (``SymNode.has_hint`` and ``hint``); where they are missing, a fake
kernel's dynamic sizes are not compared.
"""

from __future__ import annotations

from typing import Any


def size_hint(size: Any) -> int | None:
    """A size as a number; None if it comes out of the data."""
    if isinstance(size, int):
        return size
    node = getattr(size, "node", None)
    if node is None or not getattr(node, "has_hint", bool)():
        return None
    hint = getattr(node, "hint", None)
    return int(hint) if isinstance(hint, int) else None
