"""A dimension or number that dynamic_shapes speaks of, in torch's names and in the user's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from export_lsp.protocol import Location


@dataclass(frozen=True)
class ShapeEntry:
    """One dimension of a tensor, or one number, that dynamic_shapes speaks of.

    `source` is torch's name of the size, `flat_source` the one that Dynamo has for it (seen in
    torch 2.13) and `nested_source` that of non-strict mode in torch 2.6.  `dimension` is the
    user's ("dimension 1 of `x`"), `dim` what the spec says of it, `size` the example's, None where
    the example has no such dimension.  `location` is the dimension's own part of the spec,
    `input_location` the part for the whole input.  `path` leads to the input from forward's
    parameter on; `axis` is None for a number.
    """

    source: str
    flat_source: str
    nested_source: str
    dimension: str
    dim: Any
    size: int | None
    location: Location
    input_location: Location
    example: Location
    path: tuple[Any, ...] = ()
    axis: int | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """All names that torch may have for the size."""
        return self.source, self.flat_source, self.nested_source

    @property
    def name(self) -> str | None:
        """The Dim's name; None for hints such as ``Dim.DYNAMIC``."""
        return getattr(self.dim, "__name__", None)

    @property
    def called(self) -> str:
        """The dimension with its Dim's name, for messages."""
        return f"{self.dimension} (`{self.name}`)" if self.name else self.dimension


def together(entries: Sequence[ShapeEntry]) -> str:
    """Dimensions that share one Dim: "dimension 2 of `q` and `k` (`width`)"."""
    if any(" of " not in entry.dimension for entry in entries):
        return " and ".join(entry.dimension for entry in entries)
    pairs = [entry.dimension.removeprefix("dimension ").split(" of ", 1) for entry in entries]
    inputs = list(dict.fromkeys(name for _, name in pairs))
    numbers = list(dict.fromkeys(number for number, _ in pairs))
    if len(numbers) == 1:
        text = f"dimension {numbers[0]} of {' and '.join(inputs)}"
    elif len(inputs) == 1:
        text = f"dimensions {' and '.join(numbers)} of {inputs[0]}"
    else:
        text = " and ".join(entry.dimension for entry in entries)
    name = entries[0].name
    return f"{text} (`{name}`)" if name else text
