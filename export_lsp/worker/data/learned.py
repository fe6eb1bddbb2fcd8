"""The knowledge gained from an export: shapes, and sizes that its program accepts."""

from __future__ import annotations

from dataclasses import dataclass

from export_lsp.protocol import DimFact, Value


@dataclass(frozen=True)
class Learned:
    """The knowledge gained from one export.

    `values` are those of the user's names and expressions, as far as the trace got.  `dims` says
    which sizes the program accepts, and `conditions` how they depend on each other.
    """

    values: tuple[Value, ...] = ()
    dims: tuple[DimFact, ...] = ()
    conditions: tuple[str, ...] = ()
