"""The knowledge gained from an export: shapes, and sizes that its program accepts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from export_lsp.protocol import DimFact, Value


@dataclass(frozen=True)
class Learned:
    """The knowledge gained from one export.

    `values` are those of the user's names and expressions, as far as the trace got.  `dims` says
    which sizes the program accepts, and `conditions` how they depend on each other.  `size_text`
    returns an expression of sizes as text in the user's names, "?" if one of them has none.
    """

    values: tuple[Value, ...] = ()
    dims: tuple[DimFact, ...] = ()
    conditions: tuple[str, ...] = ()
    size_text: Callable[[Any], str] = str
