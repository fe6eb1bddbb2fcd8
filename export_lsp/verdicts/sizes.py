"""The sizes that an exported program accepts, as a phrase."""

from __future__ import annotations

from collections.abc import Sequence

from export_lsp.protocol import DimFact

# More dimensions than this are not told in one line.
MOST = 4


def dim_phrase(dim: DimFact) -> str:
    """Return the sizes of a dimension: "seq 16…512 ×8" are the multiples of 8 in this range."""
    most = str(dim.maximum) if dim.maximum is not None else ""
    multiple = f" ×{dim.multiple}" if dim.multiple > 1 else ""
    return f"{dim.name} {dim.minimum}…{most}{multiple}"


def sizes_phrase(dims: Sequence[DimFact]) -> str:
    """Return the sizes of some dimensions: "batch 1…64, seq 16…512 ×8"."""
    more = [f"{len(dims) - MOST} more"] if len(dims) > MOST else []
    return ", ".join([*map(dim_phrase, dims[:MOST]), *more])
